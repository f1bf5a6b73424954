//! `mintmark-demo`: the whole path on this machine, and its removal.

use std::process::ExitCode;

use e2e::demo;

fn main() -> ExitCode {
    let done = match std::env::args().nth(1).as_deref() {
        Some("run") => demo::run(),
        Some("clean") => demo::clean(),
        other => {
            eprintln!("mintmark-demo: {other:?} is no verb: use `run` or `clean`");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mintmark-demo: {error:#}");
            eprintln!("`make demo-clean` removes what was made so far");
            ExitCode::FAILURE
        }
    }
}
