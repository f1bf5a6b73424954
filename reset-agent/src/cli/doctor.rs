//! `doctor`.

use clap::Args;

/// What stands in the way, or what to grant.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Print the least roles as `pveum` lines to run on the node, and ask nobody.
    #[arg(long)]
    pub print_roles: bool,
}
