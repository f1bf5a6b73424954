//! The program's own arguments, and its commands.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::batch::Batch;
use super::customers::Customers;
use super::doctor::Doctor;
use super::ledger::Ledger;
use super::pool::{Claim, Pool};
use super::provision::Provision;
use super::recover::Recover;
use super::ssh::Ssh;
use super::tokens::{AuditLog, Tokens};
use super::warm::Warm;

/// Makes customer guests from goldens, each with an identity of its own, and finds guests that share one.
#[derive(Debug, Parser)]
#[command(name = "reset-agent", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// The configuration.
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        default_value = "/etc/mintmark/agent.toml",
        env = "MINTMARK_AGENT_CONFIG"
    )]
    pub config: PathBuf,
    /// Print one JSON object instead of a table.
    #[arg(long, global = true)]
    pub json: bool,
    /// Form of the progress on stderr.
    #[arg(long, global = true, value_enum, default_value = "auto")]
    pub progress: ProgressForm,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed and undone, 2 usage or bad input, 3 unverified, \
                          4 parked (a person must act), 5 collisions found.";

/// Form of the progress on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ProgressForm {
    /// A bar on a terminal, nothing otherwise.
    Auto,
    /// One JSON object per line.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a guest for a customer; a customer who has one gets it back.
    Provision(Provision),
    /// Bring a customer's lost guest back out of the customer's own backup: what it was known by is kept.
    Recover(Recover),
    /// Take up runs that were cut off or are parked.
    Resume {
        /// One run; without it, every unfinished one that nobody works on.
        run: Option<String>,
    },
    /// Give an unfinished run up: what it made is destroyed, and nothing else.
    #[command(alias = "abandon")]
    Abort {
        /// The run.
        run: String,
    },
    /// The guests in the ledger.
    List {
        /// Those that are gone, too.
        #[arg(long)]
        all: bool,
    },
    /// One guest: its identities and how it was made.
    Show {
        /// Its customer or VMID.
        guest: String,
    },
    /// Destroy a guest that the ledger owns; harmless when repeated.
    Destroy {
        /// Its customer or VMID.
        guest: String,
        /// Tell every call that would be made, and make none: nothing is touched.
        #[arg(long)]
        dry_run: bool,
    },
    /// Guests on the node that a run made after it was given up: a request that came late.
    Orphans {
        /// Remove those that nobody has touched; the others are told and left alone.
        #[arg(long)]
        remove: bool,
    },
    /// Customers whose guests get secrets.
    #[command(subcommand)]
    Customers(Customers),
    /// The runs in the journal, newest first.
    Runs {
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// One run in full, as a tree.
        run: Option<String>,
    },
    /// Give a customer a guest that was provisioned ahead, under a name of its own.
    Claim(Claim),
    /// Guests provisioned ahead of their customers.
    #[command(subcommand)]
    Pool(Pool),
    /// Make guests for many customers from one list; told again, it goes on where it was cut off.
    Batch(Batch),
    /// Goldens turned into templates, from which guests are cloned in an instant.
    #[command(subcommand)]
    Warm(Warm),
    /// What the fleet's SSH host CA signed.
    #[command(subcommand)]
    Ssh(Ssh),
    /// Which guests of the node share an identity, with each other or with a golden.
    Audit,
    /// What stands in the way: the node, the token's privileges, the helper.
    Doctor(Doctor),
    /// Serve the HTTP API and its page until SIGTERM.
    Serve,
    /// Who may call the API.
    #[command(subcommand)]
    Tokens(Tokens),
    /// Who did what through the API.
    #[command(subcommand)]
    AuditLog(AuditLog),
    /// The ledger as a whole: out of one database into another, checked, held against the cluster.
    #[command(subcommand)]
    Ledger(Ledger),
}
