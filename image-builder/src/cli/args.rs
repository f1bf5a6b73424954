//! The command line: one variant a verb, whose arguments stand with what it does.

use clap::{Parser, Subcommand};

use super::build::BuildArguments;
use super::catalog::CatalogVerb;
use super::channels::ChannelsArguments;
use super::diff::DiffArguments;
use super::distribute::DistributeArguments;
use super::drill::DrillArguments;
use super::first_boot::FirstBootArguments;
use super::gc::GcArguments;
use super::inspect::InspectArguments;
use super::lint::LintArguments;
use super::log::{LogArguments, VerifyLogArguments};
use super::pack::PackArguments;
use super::promote::PromoteArguments;
use super::prune::PruneArguments;
use super::rebuild_check::RebuildCheckArguments;
use super::releases::ReleasesArguments;
use super::sbom::SbomArguments;
use super::show::ShowArguments;
use super::trust::SignedRelease;
use super::withdraw::WithdrawArguments;

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
    Build(Box<BuildArguments>),
    /// Tell, plan by and prove the identity catalog
    Catalog(CatalogVerb),
    /// Tell what two goldens differ in: rights, users, sockets, units, packages, configuration, sizes
    Diff(DiffArguments),
    /// Copy a release to another storage or folder, and prove that it arrived
    Distribute(DistributeArguments),
    /// Boot two guests of a release and look for anything that they share
    Drill(DrillArguments),
    /// Tell what a first boot will do: units that wait for it, presets, host keys, ssh
    FirstBoot(FirstBootArguments),
    /// Tell everything that is wrong with a recipe and the files it names; needs no node
    Lint(LintArguments),
    /// Remove what interrupted builds left
    Gc(GcArguments),
    /// Read an archive as a stranger would, and judge it
    Inspect(InspectArguments),
    /// Pack a tree as an archive: the same bytes for the same tree
    Pack(PackArguments),
    /// Remove old releases that nobody needs
    Prune(PruneArguments),
    /// Build a release again in a fresh place, and explain every difference
    RebuildCheck(RebuildCheckArguments),
    /// List the releases on the node's storages
    Releases(ReleasesArguments),
    /// Print a golden's bill of materials
    Sbom(SbomArguments),
    /// Show a release: its manifest, who signed it, and what happened to it
    Show(ShowArguments),
    /// Stand to a release: sign its manifest, verdict and provenance, record that it was built and linted
    Sign(SignedRelease),
    /// Look at a release as a second principal, and record it
    Verify(SignedRelease),
    /// Point a channel at a release that passed its gates
    Promote(PromoteArguments),
    /// Withdraw a release because it is bad; every channel of the golden tells it
    Revoke(WithdrawArguments),
    /// Withdraw a release because it is old
    Retire(WithdrawArguments),
    /// List the channels, and whether they count
    Channels(ChannelsArguments),
    /// Print everything that was done to a golden's releases
    Log(LogArguments),
    /// Follow that log's chain, ask each line's signature, and hold the channels against it
    VerifyLog(VerifyLogArguments),
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
