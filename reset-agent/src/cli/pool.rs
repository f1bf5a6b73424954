//! `pool` and `claim`: guests provisioned ahead.

use clap::{Args, Subcommand};
use spec::ids::{CustomerId, Hostname};

use crate::golden::GoldenRef;

/// `pool …`
#[derive(Debug, Subcommand)]
pub enum Pool {
    /// The guests that wait, and those that cannot be handed over.
    List,
    /// Provision guests until so many of a golden wait.
    Fill {
        /// The golden, as for `provision`; `claim` asks for it by the same words.
        #[arg(long, value_name = "REF")]
        golden: GoldenRef,
        /// How many; `pool.size` of the configuration where it is not given.
        #[arg(long, value_name = "N")]
        size: Option<u32>,
        /// So many at once.
        #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
        parallel: u8,
    },
    /// Destroy guests that nobody can be given; those that wait stay.
    #[command(group = clap::ArgGroup::new("which").required(true).multiple(true))]
    Drain {
        /// Only of this golden, in the words that `pool fill` was given.
        #[arg(long, value_name = "REF")]
        golden: Option<GoldenRef>,
        /// Those whose release was revoked or retired.
        #[arg(long, group = "which")]
        withdrawn: bool,
        /// Those that could not be verified and were kept for somebody to look at.
        #[arg(long, group = "which")]
        failed: bool,
    },
}

/// `claim`
#[derive(Debug, Args)]
pub struct Claim {
    /// Who gets the guest.
    #[arg(long, value_name = "ID")]
    pub customer: CustomerId,
    /// The golden that it must be made from, in the words that `pool fill` was given.
    #[arg(long, value_name = "REF")]
    pub golden: GoldenRef,
    /// Its hostname; the customer's id where it is one.
    #[arg(long, value_name = "NAME")]
    pub hostname: Option<Hostname>,
    /// A command that must succeed inside it; may be given again. Needs a login (`ssh.user_ca`, `ssh.agent`).
    #[arg(long, value_name = "COMMAND")]
    pub check: Vec<String>,
}
