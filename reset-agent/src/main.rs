//! `reset-agent`: parse, log, run, exit code.

use std::io::stderr;

use clap::Parser;
use reset_agent::cli::Cli;
use reset_agent::commands;
use spec::exit::Exit;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Exit {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("MINTMARK_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr).init();
    match commands::run(cli).await {
        Ok(exit) => exit,
        Err(stop) => {
            eprintln!("error: {:#}", stop.error);
            stop.exit
        }
    }
}
