//! The command line of `mintmark-crash`.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::ledger::Database;
use super::victim::Victim;
use crate::lab::Settings;

/// The agent killed at every moment of every step, and taken up again: does it keep its word?
#[derive(Debug, Clone, Parser)]
#[command(name = "mintmark-crash", version)]
pub struct Options {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Play the cells
    Run(Run),
    /// The process that is killed
    #[command(hide = true)]
    Victim(Victim),
}

/// What is played, and where.
#[derive(Debug, Clone, clap::Args)]
pub struct Run {
    /// Only cells whose name contains all of these words
    #[arg(value_name = "WORD")]
    pub words: Vec<String>,
    /// Where the ledger is; both, one after the other, with `sqlite,postgres`
    #[arg(long, value_name = "KIND", value_enum, value_delimiter = ',', default_value = "sqlite")]
    pub ledger: Vec<Database>,
    /// List the cells, and play none
    #[arg(long)]
    pub list: bool,
    /// Only so many cells, drawn by the seed: first such that bring a step or a moment that was not yet among them
    #[arg(long)]
    pub sample: Option<usize>,
    /// What the sample is drawn by
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
    /// Leave node and golden as they are at the end; the next run takes them over
    #[arg(long)]
    pub keep: bool,
    /// The folder that holds everything
    #[arg(long, value_name = "DIR", default_value = "/var/tmp/mintmark-crash")]
    pub state: PathBuf,
    /// The bridge that the node makes
    #[arg(long, default_value = "vmbr70")]
    pub bridge: String,
    /// The bridge's address and its network
    #[arg(long, default_value = "10.66.70.1/24")]
    pub subnet: String,
    /// Where the node's API listens
    #[arg(long, default_value = "127.0.0.1:18070")]
    pub listen: String,
}

impl Run {
    /// The lab's settings.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            root: self.state.clone(),
            bridge: self.bridge.clone(),
            subnet: self.subnet.clone(),
            isolated: None,
            listen: self.listen.clone(),
            faults: true,
        }
    }
}
