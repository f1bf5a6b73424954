//! The program `pve-node`.

use std::process::ExitCode;

use pve_node::{cli, error::chain};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("PVE_NODE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match cli::run(std::env::args().collect()) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("{}", chain(&failure));
            ExitCode::from(255)
        }
    }
}
