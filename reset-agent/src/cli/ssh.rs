//! `ssh`: what the fleet's SSH host CA signed.

use clap::Subcommand;

/// `ssh …`
#[derive(Debug, Subcommand)]
pub enum Ssh {
    /// Serials of host certificates that must not be believed any more, as `ssh-keygen -k` reads them: their guest is
    /// gone, or a later certificate took their place.
    Revoked,
}
