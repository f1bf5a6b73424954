//! Making a node, serving its API, and taking all of it away again.

use std::fs;
use std::io::Write;
use std::path::Path;

use spec::ids::NodeName;

use super::args::{Init, Serve};
use super::dispatch::{Failure, out};
use super::exit;
use crate::api;
use crate::containers::{bridge, lxc, mount, namespace};
use crate::error::Die;
use crate::exec::Program;
use crate::state::Node;

/// The line that root needs in both files, or `lxc-usernsexec` may not map the guests' ids.
const SUBORDINATE: &str = "root:100000:65536";

pub(super) fn init(state: &Path, init: &Init) -> Result<u8, Failure> {
    let node = Node::init(state, &init.config()?)?;
    for file in ["/etc/subuid", "/etc/subgid"] {
        allow_ids(file)?;
    }
    if !init.no_network {
        bridge::up(&node)?;
    }
    out(&format!("{}\n", api::fingerprint(&node.layout, node.name())?));
    Ok(exit::OK)
}

/// Adds the line where it is missing. It stays, as it does where Proxmox is installed: another node on this machine may
/// have come to need it.
fn allow_ids(file: &str) -> Result<(), Die> {
    let text = fs::read_to_string(file).unwrap_or_default();
    if text.lines().any(|line| line == SUBORDINATE) {
        return Ok(());
    }
    let mut handle = fs::File::options().create(true).append(true).open(file).map_err(Die::io("open", file))?;
    let line =
        if text.is_empty() || text.ends_with('\n') { format!("{SUBORDINATE}\n") } else { format!("\n{SUBORDINATE}\n") };
    handle.write_all(line.as_bytes()).map_err(Die::io("write", file))
}

pub(super) fn serve(mut node: Node, serve: &Serve) -> Result<u8, Failure> {
    if !serve.no_network {
        bridge::up(&node)?;
    }
    if serve.test_faults {
        node = node.with_faults();
        // What an earlier server's tests have set is over.
        node.faults.clear()?;
    }
    let listen = serve.listen.unwrap_or(node.config.listen);
    api::serve(node, listen)?;
    Ok(exit::OK)
}

/// A further node of the cluster.
pub(super) fn join(first: &Node, name: &NodeName) -> Result<u8, Failure> {
    let member = first.add_member(name)?;
    out(&format!("{}\n", member.layout.root().display()));
    Ok(exit::OK)
}

/// Every node of the cluster: the first one last, which has the bridge.
pub(super) fn down(node: &Node) -> Result<u8, Failure> {
    node.cluster()?.iter().rev().try_for_each(down_one)?;
    Ok(exit::OK)
}

fn down_one(node: &Node) -> Result<(), Failure> {
    for vmid in lxc::running(&node.layout) {
        lxc::kill(&node.layout, vmid)?;
    }
    for vmid in node.guests().list()? {
        mount::release_host_mount(&node.layout, vmid)?;
    }
    namespace::forget_mounts_below(&node.layout.mounts())?;
    detach_loops(node)?;
    if node.layout.is_member() { Ok(()) } else { Ok(bridge::down(node)?) }
}

/// Loop devices that still hold one of the node's images; there are none unless something was killed.
fn detach_loops(node: &Node) -> Result<(), Die> {
    let listed =
        Program::new("losetup").args(["--list", "--noheadings", "--raw", "--output", "NAME,BACK-FILE"]).read()?;
    let root = node.layout.root().to_string_lossy().into_owned();
    let ours = listed
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, file)| file.trim().starts_with(&format!("{root}/")));
    ours.map(|(device, _)| device)
        .try_for_each(|device| Program::new("losetup").args(["--detach", device]).read().map(drop))
}

pub(super) fn purge(node: &Node) -> Result<u8, Failure> {
    down(node)?;
    let root = node.layout.root();
    fs::remove_dir_all(root).map_err(Die::io("remove", root))?;
    Ok(exit::OK)
}

pub(super) fn fingerprint(node: &Node) -> Result<u8, Failure> {
    out(&format!("{}\n", api::fingerprint(&node.layout, node.name())?));
    Ok(exit::OK)
}
