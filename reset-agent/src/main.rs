//! `reset-agent`: parse, log, run, exit code.

use std::io::stderr;

use clap::Parser;
use reset_agent::cli::{Cli, Command};
use reset_agent::{commands, core_dumps};
use spec::exit::Exit;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Exit {
    let cli = Cli::parse();
    log(matches!(cli.command, Command::Serve));
    if let Err(error) = core_dumps::forbid() {
        tracing::warn!(%error, "a crash of this process may leave its secrets in a core");
    }
    match commands::run(cli).await {
        Ok(exit) => exit,
        Err(stop) => {
            eprintln!("error: {:#}", stop.error);
            stop.exit
        }
    }
}

/// A service writes JSON lines, each with the run that it is about; a command writes for people.
fn log(is_service: bool) {
    let otherwise = if is_service { "info" } else { "warn" };
    let filter = EnvFilter::try_from_env("MINTMARK_LOG").unwrap_or_else(|_| EnvFilter::new(otherwise));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    if is_service { log.json().flatten_event(true).with_span_list(false).init() } else { log.init() }
}
