//! `mintmark-crash`: the agent killed at every moment of every step, and taken up again.

use std::process::ExitCode;

use clap::Parser;
use e2e::crash::{self, Command, Options};
use spec::exit::Exit;

fn main() -> ExitCode {
    let done = match Options::parse().command {
        Command::Victim(victim) => crash::victim(&victim).map(|()| Exit::Failed),
        Command::Run(options) => crash::run(&options),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("mintmark-crash: {error:#}");
            Exit::Failed.into()
        }
    }
}
