//! The host's side of a guest's NICs: on its bridge, or unplugged.

use spec::ids::Vmid;
use spec::pct::Net;

use super::bridged::{exists, join, refuse_missing_bridge};
use super::rate;
use crate::error::Die;
use crate::exec::Program;
use crate::state::Node;

/// The name of the host's side of `netN`: Proxmox's on the default bridge. Nodes with a bridge of their own may share a
/// machine, so their names bear a mark of the bridge, or two guests of one number would take each other's NICs.
pub fn host_side(node: &Node, vmid: Vmid, index: u8) -> String {
    match node.config.bridge.as_str() {
        "vmbr0" => format!("veth{vmid}i{index}"),
        other => format!("v{}{vmid}i{index}", mark(other)),
    }
}

/// Whether a link is the host's side of one of a guest's NICs.
pub fn is_host_side(node: &Node, vmid: Vmid, link: &str) -> bool {
    let own = host_side(node, vmid, 0);
    let index = link.strip_prefix(own.strip_suffix('0').unwrap_or(&own));
    index.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Three hex digits of a name: an interface's name has fifteen characters in all.
fn mark(name: &str) -> String {
    crate::state::digest_of(name)[..3].to_owned()
}

/// Puts the host's side of a NIC on its bridge and up; with `link_down` on no bridge and down, so that the guest sees
/// no carrier.
pub fn plug(node: &Node, vmid: Vmid, index: u8, net: &Net) -> Result<(), Die> {
    let name = host_side(node, vmid, index);
    let Some(bridge) = net.bridge().filter(|_| !net.link_down()) else {
        ip(&["link", "set", &name, "nomaster"])?;
        return ip(&["link", "set", &name, "down"]);
    };
    refuse_missing_bridge(net)?;
    join(&name, bridge, net)?;
    rate::limit(&name, net.rate())?;
    ip(&["link", "set", &name, "up"])
}

/// Takes a NIC away; nothing to do when it is not there.
pub fn unplug(node: &Node, vmid: Vmid, index: u8) {
    let name = host_side(node, vmid, index);
    if exists(&name) {
        let _ = ip(&["link", "delete", &name]);
    }
}

pub(super) fn ip(args: &[&str]) -> Result<(), Die> {
    Program::new("ip").args(args).read().map(drop)
}
