//! `ledger`: the ledger as a whole.

use std::path::PathBuf;

use clap::Subcommand;
use spec::ids::Vmid;

/// `ledger …`
#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// What needs no node.
    #[command(flatten)]
    Alone(LedgerAlone),
    /// Hold the ledger against the cluster. Nothing is changed there, and here nothing but what is accepted.
    Rebuild {
        /// Write what was seen of these guests into the ledger.
        #[arg(long, value_name = "VMID", value_delimiter = ',')]
        accept: Vec<Vmid>,
    },
}

/// `ledger …`, where the ledger is all that is needed.
#[derive(Debug, Subcommand)]
pub enum LedgerAlone {
    /// Write all that the ledger knows as one document; it holds no secret.
    Export {
        /// Where to; a file that is not there yet, or `-` for stdout.
        #[arg(long, value_name = "FILE", default_value = "-")]
        to: PathBuf,
        /// Write the fleet key, too, to this file: with it, and nowhere else, the machine-ids can be compared.
        #[arg(long, value_name = "FILE")]
        key_to: Option<PathBuf>,
    },
    /// Add a document's rows: all, or none where one does not fit.
    Import {
        /// The document.
        file: PathBuf,
        /// The fleet key of the ledger that it is from, as `export --key-to` wrote it.
        #[arg(long, value_name = "FILE")]
        key_from: Option<PathBuf>,
    },
    /// Check every row of the ledger, its journal and its audit log.
    Verify,
}
