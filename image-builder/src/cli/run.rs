//! From a command line to its command.

use spec::exit::Exit;

use super::args::{Arguments, Command};
use super::{build, first_boot, inspect, pack, releases, show};

/// Carries a command line out.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments.command {
        Command::Build(arguments) => build::run(arguments),
        Command::FirstBoot(arguments) => first_boot::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Pack(arguments) => pack::run(&arguments),
        Command::Releases(arguments) => releases::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
    }
}
