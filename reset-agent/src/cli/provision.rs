//! `provision`: whom for, what from.

use clap::Args;
use spec::ids::{CustomerId, Hostname};
use spec::pct::DiskSize;

use crate::golden::GoldenRef;
use crate::request::HoldAfter;
use crate::volume::Volume;

/// `provision`
#[derive(Debug, Args)]
pub struct Provision {
    /// Whom the guest is for.
    #[arg(long, value_name = "ID")]
    pub customer: CustomerId,
    /// What it is made from: NAME (its channel stable), NAME/CHANNEL, NAME@RELEASE, a manifest's path or a volume id.
    #[arg(long, value_name = "REF")]
    pub golden: GoldenRef,
    /// Its hostname; the customer's id where it is one.
    #[arg(long, value_name = "NAME")]
    pub hostname: Option<Hostname>,
    /// Its root disk.
    #[arg(long, value_name = "SIZE")]
    pub size: Option<DiskSize>,
    /// A further volume, mounted there: PATH=SIZE[,storage=NAME][,backup=0]; may be given again.
    #[arg(long, value_name = "PATH=SIZE")]
    pub volume: Vec<Volume>,
    /// A command that must succeed inside it; may be given again. Needs a login (`ssh.user_ca`, `ssh.agent`).
    #[arg(long, value_name = "COMMAND")]
    pub check: Vec<String>,
    /// Rest there until `resume` or `abort`: exit code 4, with the guest's address and the command to go on.
    #[arg(long, value_name = "STEP")]
    pub hold_after: Option<HoldAfter>,
    /// Restore it from the archive, though a warm golden may be there.
    #[arg(long)]
    pub cold: bool,
    /// Tell every call that would be made, and make none: nothing is touched.
    #[arg(long)]
    pub dry_run: bool,
}
