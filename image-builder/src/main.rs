//! `image-builder`: parse, log, run, exit code.

use std::io;

use clap::Parser;
use image_builder::cli::{Arguments, exit, report, run};
use spec::exit::Exit;
use tracing_subscriber::EnvFilter;

fn main() -> Exit {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_env("MINTMARK_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    run(arguments).unwrap_or_else(|error| {
        report(&error);
        exit(&error)
    })
}
