//! `recover`: whose guest, out of which backup.

use clap::Args;
use spec::ids::{CustomerId, Hostname, Volid};
use spec::pct::DiskSize;

use crate::request::{HoldAfter, OnCollision};

/// `recover`
#[derive(Debug, Args)]
pub struct Recover {
    /// Whose guest was lost.
    #[arg(long, value_name = "ID")]
    pub customer: CustomerId,
    /// The customer's own backup on the node.
    #[arg(long, value_name = "VOLID")]
    pub archive: Volid,
    /// Another hostname than the backup's.
    #[arg(long, value_name = "NAME")]
    pub hostname: Option<Hostname>,
    /// A larger root disk than the backup's.
    #[arg(long, value_name = "SIZE")]
    pub size: Option<DiskSize>,
    /// What to do about an address that somebody else has by now.
    #[arg(long, value_enum, default_value = "refuse")]
    pub on_collision: OnCollision,
    /// Take a backup that bears no mark of this ledger: you vouch that it is this customer's.
    #[arg(long)]
    pub adopt: bool,
    /// A command that must succeed inside it; may be given again. Needs a login (`ssh.user_ca`, `ssh.agent`).
    #[arg(long, value_name = "COMMAND")]
    pub check: Vec<String>,
    /// Rest there until `resume` or `abort`.
    #[arg(long, value_name = "STEP")]
    pub hold_after: Option<HoldAfter>,
    /// Tell every call that would be made, and make none: nothing is touched.
    #[arg(long)]
    pub dry_run: bool,
}
