//! `mintmark-matrix`: real packages of Debian's archive, from golden to guest.

use std::process::ExitCode;

use clap::Parser;
use e2e::matrix::{self, Options};
use spec::exit::Exit;

fn main() -> ExitCode {
    let options = Options::parse();
    match matrix::run(&options) {
        Ok(None) => Exit::Done.into(),
        Ok(Some(report)) => {
            if options.json {
                println!("{}", report.json());
            } else {
                println!("{report}");
            }
            report.exit().into()
        }
        Err(error) => {
            eprintln!("mintmark-matrix: {error:#}");
            Exit::Failed.into()
        }
    }
}
