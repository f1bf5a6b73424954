//! `tokens` and `audit-log`: who may call the API, and who did.

use clap::Subcommand;

use crate::serve::{Scope, Tenant};

/// `tokens`
#[derive(Debug, Subcommand)]
pub enum Tokens {
    /// Make a token. It is printed once and kept nowhere.
    Add {
        /// Whose it is, for people.
        #[arg(long)]
        name: String,
        /// Whose guests it sees; without it, it is an operator's and sees all.
        #[arg(long)]
        tenant: Option<Tenant>,
        /// What it may do.
        #[arg(long, value_delimiter = ',', required = true, value_name = "SCOPES")]
        scope: Vec<Scope>,
        /// Days until it is no longer taken.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
        days: u16,
    },
    /// The tokens, without their secrets.
    List,
    /// No longer take a token.
    Revoke {
        /// Its id.
        id: String,
    },
}

/// `audit-log`
#[derive(Debug, Subcommand)]
pub enum AuditLog {
    /// Walk the chain of hashes, and print its head.
    Verify {
        /// A head that was kept elsewhere, as `SEQ:HASH`: proves that nothing up to it was cut off.
        #[arg(long, value_name = "SEQ:HASH")]
        head: Option<String>,
    },
    /// Print the entries.
    Show {
        /// Only those after this one.
        #[arg(long, default_value_t = 0)]
        after: i64,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: i64,
    },
}
