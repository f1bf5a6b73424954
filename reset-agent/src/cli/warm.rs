//! `warm`: goldens turned into templates.

use clap::Subcommand;
use spec::ids::Vmid;
use spec::pct::DiskSize;

use crate::golden::GoldenRef;

/// `warm …`
#[derive(Debug, Subcommand)]
pub enum Warm {
    /// The templates, and whether guests can be cloned from each.
    List,
    /// Turn a golden into a template on the storage for guests; one that is there already stays.
    Make {
        /// The golden, as for `provision`.
        golden: GoldenRef,
        /// Its root disk: no clone is smaller.
        #[arg(long, value_name = "SIZE")]
        size: Option<DiskSize>,
    },
    /// Clone no guest from a template any more, and remove it as soon as no guest's disk needs it.
    Remove {
        /// The template's VMID.
        #[arg(required_unless_present = "withdrawn", conflicts_with = "withdrawn")]
        vmid: Option<Vmid>,
        /// Every template that can no longer be used: its release was revoked or retired, or it was altered.
        #[arg(long)]
        withdrawn: bool,
    },
}
