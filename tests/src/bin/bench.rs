//! `mintmark-bench`: our times beside recorded ones of Proxmox, and beside the same work done by hand.

use std::process::ExitCode;

use e2e::bench;

fn main() -> ExitCode {
    match bench::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mintmark-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
