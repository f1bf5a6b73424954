//! From arguments to a node.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context;
use pve_host::Host;

use super::args::NodeArguments;
use crate::guest::Records;

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
