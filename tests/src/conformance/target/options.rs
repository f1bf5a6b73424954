//! The command line. Every option may come from the environment, which is how `make conformance NAME=…` says them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Parser;
use pve_client::Fingerprint;
use reqwest::Url;

/// Plays recorded answers of Proxmox VE against a node and tells where the node answers otherwise.
#[derive(Debug, Clone, Parser)]
#[command(name = "mintmark-conformance", version)]
pub struct Options {
    /// Scenarios by the beginning of their names, like 06 (default: all).
    pub scenarios: Vec<String>,
    /// List the scenarios and end.
    #[arg(long)]
    pub list: bool,
    /// Tell every step with its request, not only those that fail.
    #[arg(long, short)]
    pub verbose: bool,
    /// Where the scenarios are.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance"))]
    pub folder: PathBuf,
    /// A node that is already there, https://HOST:8006; without it the embedded node is started.
    #[arg(long, env = "TARGET")]
    pub target: Option<Url>,
    /// An administrator's token for it, without privilege separation: USER@REALM!NAME=SECRET.
    #[arg(long, env = "TOKEN", hide_env_values = true, requires = "target")]
    pub token: Option<String>,
    /// The certificate to expect there; without it any is accepted.
    #[arg(long, env = "FINGERPRINT")]
    pub fingerprint: Option<Fingerprint>,
    /// The node's name (default: the only one there).
    #[arg(long, env = "NODE")]
    pub node: Option<String>,
    /// The storage for guests and archives.
    #[arg(long, env = "STORAGE", default_value = "local")]
    pub storage: String,
    /// A second one; without it the steps that need it are skipped.
    #[arg(long, env = "STORAGE2")]
    pub storage2: Option<String>,
    /// A btrfs storage for guests; without it the steps that need snapshots are skipped.
    #[arg(long, env = "BTRFS")]
    pub btrfs: Option<String>,
    /// A Debian template's volume id (default: the first Debian template on the storage).
    #[arg(long, env = "TEMPLATE")]
    pub template: Option<String>,
    /// The bridge that guests hang on.
    #[arg(long, env = "BRIDGE")]
    pub bridge: Option<String>,
    /// A second one, best without DHCP; without it the first one serves as both.
    #[arg(long, env = "BRIDGE2")]
    pub bridge2: Option<String>,
    /// The only guests that are made and removed.
    #[arg(long, env = "VMIDS", default_value = "9000-9059")]
    pub vmids: Vmids,
    /// Embedded node: its state directory. It is removed at the end.
    #[arg(long, env = "STATE", default_value = "/var/lib/mintmark-conformance")]
    pub state: PathBuf,
    /// Embedded node: the bridge's network.
    #[arg(long, env = "SUBNET", default_value = "10.68.0.1/24")]
    pub subnet: String,
    /// Embedded node: where it listens.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8168")]
    pub listen: SocketAddr,
    /// Embedded node: a Debian template; without it one is made with mmdebstrap and kept beside the programs.
    #[arg(long, env = "TEMPLATE_FILE")]
    pub template_file: Option<PathBuf>,
    /// Embedded node: leave it running when done.
    #[arg(long)]
    pub keep: bool,
}

/// A range of guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vmids {
    /// The lowest.
    pub first: u32,
    /// The highest; it is never made.
    pub last: u32,
}

/// The most guests that one scenario has at a time, and the one that is never made.
const NEEDED: u32 = 30;

impl FromStr for Vmids {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || format!("write FIRST-LAST with at least {NEEDED} numbers from 100 on");
        let (first, last) = text.split_once('-').ok_or_else(refuse)?;
        let (first, last): (u32, u32) = (first.parse().map_err(|_| refuse())?, last.parse().map_err(|_| refuse())?);
        let wide = first >= 100 && last <= 999_999_999 && first.checked_add(NEEDED - 1).is_some_and(|end| end <= last);
        if wide { Ok(Self { first, last }) } else { Err(refuse()) }
    }
}

impl Vmids {
    /// Whether a guest is ours.
    pub fn contains(self, vmid: u64) -> bool {
        (u64::from(self.first)..=u64::from(self.last)).contains(&vmid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_wide_enough_or_refused() {
        assert_eq!("9000-9059".parse(), Ok(Vmids { first: 9000, last: 9059 }));
        for bad in ["9000", "9000-9001", "50-200", "9059-9000", "x-y", "999999990-1000000100"] {
            assert!(bad.parse::<Vmids>().is_err(), "{bad}");
        }
        let vmids: Vmids = "9000-9059".parse().unwrap();
        assert!(vmids.contains(9059) && !vmids.contains(9060) && !vmids.contains(8999));
    }
}
