//! Which node: the arguments that name it, and the way from them to it.

use std::env;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use pve_host::Host;
use spec::ids::Vmid;

use crate::guest::Records;

/// Which node.
#[derive(Debug, Args)]
pub(super) struct NodeArguments {
    /// State directory of an embedded node; without it this machine is a Proxmox VE node
    #[arg(long, value_name = "STATE_DIR", env = "MINTMARK_NODE")]
    pub node: Option<PathBuf>,
    /// The embedded node's program; found beside this program or in PATH
    #[arg(long, value_name = "PATH", env = "PVE_NODE_PROGRAM")]
    pub node_program: Option<PathBuf>,
}

/// Firewall files of guests on a true Proxmox VE node.
const FIREWALL: &str = "/etc/pve/firewall";
/// Records of builds on a true Proxmox VE node; on an embedded one they lie in its state.
const RECORDS: &str = "/var/lib/mintmark/builds";

/// The node that the arguments name.
pub(super) fn host(arguments: &NodeArguments) -> anyhow::Result<Host> {
    let Some(state) = &arguments.node else { return Ok(Host::proxmox()) };
    let state = state.canonicalize().with_context(|| format!("no embedded node in {}", state.display()))?;
    let program = arguments.node_program.clone().or_else(|| beside("pve-node"));
    Ok(Host::embedded(program.unwrap_or_else(|| PathBuf::from("pve-node")), state))
}

/// Where that node's build records are.
pub(super) fn records(arguments: &NodeArguments) -> anyhow::Result<Records> {
    match &arguments.node {
        None => Ok(Records::in_dir(RECORDS)),
        Some(state) => {
            let state = state.canonicalize().with_context(|| format!("no embedded node in {}", state.display()))?;
            Ok(Records::in_dir(state.join("mintmark-builds")))
        }
    }
}

/// Where that node's firewall files of guests are.
pub(super) fn firewall(arguments: &NodeArguments) -> anyhow::Result<PathBuf> {
    let Some(state) = &arguments.node else { return Ok(PathBuf::from(FIREWALL)) };
    let state = state.canonicalize().with_context(|| format!("no embedded node in {}", state.display()))?;
    Ok(state.join("firewall"))
}

/// The static first-boot program: where cargo puts it, or beside this program where both are installed. Cargo's place
/// comes first, since beside a debug build lies one that is linked dynamically.
pub(super) fn firstboot() -> Option<PathBuf> {
    let target = env::current_exe().ok()?.parent()?.parent()?.to_owned();
    let built = target.join("x86_64-unknown-linux-musl/firstboot/firstboot");
    if built.is_file() { Some(built) } else { beside("firstboot") }
}

fn beside(name: &str) -> Option<PathBuf> {
    let path = env::current_exe().ok()?.parent().map(Path::to_owned)?.join(name);
    path.is_file().then_some(path)
}

/// Reads `9000-9099`.
pub(super) fn vmid_range(text: &str) -> Result<RangeInclusive<u32>, String> {
    let (first, last) = text.split_once('-').ok_or_else(|| format!("{text:?} is no range; write FIRST-LAST"))?;
    let read = |text: &str| text.parse::<Vmid>().map(Vmid::get).map_err(|error| error.to_string());
    let (first, last) = (read(first)?, read(last)?);
    if first <= last { Ok(first..=last) } else { Err(format!("{first} is greater than {last}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_two_vmids_in_order() {
        assert_eq!(vmid_range("9000-9099"), Ok(9000..=9099));
        for text in ["9000", "9099-9000", "1-9000", "a-b", ""] {
            assert!(vmid_range(text).is_err(), "{text}");
        }
    }
}
