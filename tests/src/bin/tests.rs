//! `mintmark-tests`: runs every suite of the workspace and ends with one line that counts them all.

use std::process::ExitCode;

use e2e::suite::{self, Tier};

fn main() -> ExitCode {
    let tier = match std::env::args().nth(1).as_deref() {
        Some("all") => Tier::All,
        Some("quick") => Tier::Quick,
        other => {
            eprintln!("mintmark-tests: {other:?} is no tier: use `all` (root, containers) or `quick` (neither)");
            return ExitCode::from(2);
        }
    };
    match suite::run(tier) {
        Ok(tally) => {
            print!("{tally}");
            if tally.is_green() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("mintmark-tests: {error:#}");
            ExitCode::FAILURE
        }
    }
}
