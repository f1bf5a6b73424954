//! The command line of `mintmark-matrix`.

use std::path::PathBuf;

use clap::Parser;

use crate::lab::Settings;

/// Real packages of Debian's archive, each in a build guest and two guests of its golden: does it get an identity of
/// its own, and does it work?
#[derive(Debug, Clone, Parser)]
#[command(name = "mintmark-matrix", version)]
pub struct Options {
    /// Only goldens whose name contains one of these words
    #[arg(value_name = "GOLDEN")]
    pub goldens: Vec<String>,
    /// List goldens and their applications, and run nothing
    #[arg(long)]
    pub list: bool,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
    /// Leave node and guests as they are at the end, to look around; the next run removes them
    #[arg(long)]
    pub keep: bool,
    /// The folder that holds everything
    #[arg(long, value_name = "DIR", default_value = "/var/tmp/mintmark-matrix")]
    pub state: PathBuf,
    /// The bridge that the node makes
    #[arg(long, default_value = "vmbr68")]
    pub bridge: String,
    /// The bridge's address and its network
    #[arg(long, default_value = "10.66.68.1/24")]
    pub subnet: String,
    /// Where the node's API listens
    #[arg(long, default_value = "127.0.0.1:18068")]
    pub listen: String,
}

impl Options {
    /// The lab's settings.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            root: self.state.clone(),
            bridge: self.bridge.clone(),
            subnet: self.subnet.clone(),
            isolated: None,
            listen: self.listen.clone(),
            faults: false,
        }
    }
}
