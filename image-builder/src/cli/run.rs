//! From a command line to its command.

use spec::exit::Exit;
use spec::release::Withdrawn;

use super::args::{Arguments, Command};
use super::{
    build, catalog, channels, diff, distribute, drill, first_boot, gc, inspect, lint, log, pack, promote, prune,
    rebuild_check, releases, sbom, show, sign, verify, withdraw,
};

/// Carries a command line out.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments.command {
        Command::Build(arguments) => build::run(&arguments),
        Command::Catalog(arguments) => catalog::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Distribute(arguments) => distribute::run(&arguments),
        Command::Drill(arguments) => drill::run(arguments),
        Command::FirstBoot(arguments) => first_boot::run(&arguments),
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Gc(arguments) => gc::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Pack(arguments) => pack::run(&arguments),
        Command::Prune(arguments) => prune::run(&arguments),
        Command::RebuildCheck(arguments) => rebuild_check::run(&arguments),
        Command::Releases(arguments) => releases::run(&arguments),
        Command::Sbom(arguments) => sbom::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Sign(arguments) => sign::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Promote(arguments) => promote::run(&arguments),
        Command::Revoke(arguments) => withdraw::run(&arguments, Withdrawn::Revoked),
        Command::Retire(arguments) => withdraw::run(&arguments, Withdrawn::Retired),
        Command::Channels(arguments) => channels::run(&arguments),
        Command::Log(arguments) => log::print(&arguments),
        Command::VerifyLog(arguments) => log::verify(&arguments),
    }
}
