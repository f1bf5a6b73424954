//! `mintmark-conformance`: plays Proxmox's recorded answers against a node.

use std::process::ExitCode;

use clap::Parser;
use e2e::conformance::{self, Options};

fn main() -> ExitCode {
    match conformance::run(Options::parse()) {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(tally)) => {
            println!("{tally}");
            if tally.is_green() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("mintmark-conformance: {error:#}");
            ExitCode::FAILURE
        }
    }
}
