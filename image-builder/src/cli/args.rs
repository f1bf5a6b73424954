//! The command line: one variant a verb, whose arguments stand with what it does.

use clap::{Parser, Subcommand};

use super::build::BuildArguments;
use super::first_boot::FirstBootArguments;
use super::inspect::InspectArguments;
use super::pack::PackArguments;
use super::releases::ReleasesArguments;
use super::show::ShowArguments;

/// Goldens from recipes.
#[derive(Debug, Parser)]
#[command(name = "image-builder", version, about, long_about = None)]
pub struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Build a golden from a recipe and publish it
    Build(BuildArguments),
    /// Tell what a first boot will do: units that wait for it, presets, host keys, ssh
    FirstBoot(FirstBootArguments),
    /// Read an archive as a stranger would, and judge it
    Inspect(InspectArguments),
    /// Pack a tree as an archive: the same bytes for the same tree
    Pack(PackArguments),
    /// List the releases on the node's storages
    Releases(ReleasesArguments),
    /// Show a release's manifest
    Show(ShowArguments),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Arguments::command().debug_assert();
    }
}
