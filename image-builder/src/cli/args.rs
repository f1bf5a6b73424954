//! The command line.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use spec::ids::Vmid;

use crate::recipe_file::Setting;

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
    /// Read an archive as a stranger would, and judge it
    Inspect(InspectArguments),
    /// List the releases on the node's storages
    Releases(ReleasesArguments),
    /// Show a release's manifest
    Show(ShowArguments),
}

/// Which node.
#[derive(Debug, Args)]
pub(super) struct NodeArguments {
    /// State directory of an embedded node; without it this machine is a Proxmox VE node
    #[arg(long, value_name = "STATE_DIR", env = "MINTMARK_NODE")]
    pub node: Option<PathBuf>,
    /// The embedded node's program; found beside this program or in PATH
    #[arg(long, value_name = "PATH", env = "PVE_NODE_PROGRAM")]
    pub node_program: Option<PathBuf>,
}

/// How progress is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ProgressForm {
    /// Bars on a terminal, else plain lines
    Auto,
    /// Bars
    Bars,
    /// Lines of text
    Plain,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Args)]
pub(super) struct BuildArguments {
    /// The recipe
    #[arg(value_name = "RECIPE")]
    pub recipe: PathBuf,
    #[command(flatten)]
    pub node: NodeArguments,
    /// Set a key of the recipe (`access.user_ca=/etc/mintmark/ca.pub`); may be given again
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<Setting>,
    /// The static firstboot program; found beside this program or in cargo's target directory
    #[arg(long, value_name = "PATH", env = "MINTMARK_FIRSTBOOT")]
    pub firstboot: Option<PathBuf>,
    /// VMIDs that the build guest may have
    #[arg(long, value_name = "FIRST-LAST", default_value = "9000-9099", value_parser = vmid_range)]
    pub vmids: RangeInclusive<u32>,
    /// Make the bootstrapped base anew, even if it is in the cache
    #[arg(long)]
    pub refresh_base: bool,
    /// Print the result as one JSON object
    #[arg(long)]
    pub json: bool,
    /// How progress is told on stderr
    #[arg(long, value_enum, default_value = "auto")]
    pub progress: ProgressForm,
}

#[derive(Debug, Args)]
pub(super) struct InspectArguments {
    /// An archive: a file, or a volume id (`local:backup/vzdump-lxc-…`)
    #[arg(value_name = "ARCHIVE|VOLID")]
    pub archive: String,
    #[command(flatten)]
    pub node: NodeArguments,
    /// Print the report as one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ReleasesArguments {
    #[command(flatten)]
    pub node: NodeArguments,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// NAME, NAME@RELEASE, a volume id, or the path of a manifest
    #[arg(value_name = "REF")]
    pub reference: String,
    #[command(flatten)]
    pub node: NodeArguments,
    /// Print the manifest as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Reads `9000-9099`.
fn vmid_range(text: &str) -> Result<RangeInclusive<u32>, String> {
    let (first, last) = text.split_once('-').ok_or_else(|| format!("{text:?} is no range; write FIRST-LAST"))?;
    let read = |text: &str| text.parse::<Vmid>().map(Vmid::get).map_err(|error| error.to_string());
    let (first, last) = (read(first)?, read(last)?);
    if first <= last { Ok(first..=last) } else { Err(format!("{first} is greater than {last}")) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_range_is_two_vmids_in_order() {
        assert_eq!(vmid_range("9000-9099"), Ok(9000..=9099));
        for text in ["9000", "9099-9000", "1-9000", "a-b", ""] {
            assert!(vmid_range(text).is_err(), "{text}");
        }
    }
}
