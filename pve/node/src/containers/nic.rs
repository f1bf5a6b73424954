//! The host's side of a guest's NICs: on its bridge, or unplugged.

use std::path::Path;

use spec::ids::Vmid;
use spec::pct::Net;

use super::bridge::outer_mtu;
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

/// Three hex digits of a name: an interface's name has fifteen characters in all.
fn mark(name: &str) -> String {
    crate::state::digest_of(name)[..3].to_owned()
}

/// Refuses a NIC whose bridge is not there.
pub fn refuse_missing_bridge(net: &Net) -> Result<(), Die> {
    match net.bridge() {
        Some(bridge) if !exists(bridge) => Err(Die::NoBridge { bridge: bridge.to_owned() }),
        _ => Ok(()),
    }
}

fn exists(link: &str) -> bool {
    Path::new("/sys/class/net").join(link).exists()
}

/// Puts the host's side of a NIC on its bridge and up; with `link_down` on no bridge and down, so that the guest sees
/// no carrier.
pub fn plug(node: &Node, vmid: Vmid, index: u8, net: &Net) -> Result<(), Die> {
    let name = host_side(node, vmid, index);
    if let Some(bridge) = net.bridge().filter(|_| !net.link_down()) {
        refuse_missing_bridge(net)?;
        ip(&["link", "set", &name, "master", bridge])?;
        return ip(&["link", "set", &name, "up"]);
    }
    ip(&["link", "set", &name, "nomaster"])?;
    ip(&["link", "set", &name, "down"])
}

/// Replaces a running guest's NIC: another pair under the same names, with the new address. The guest sees a new
/// interface, as it does on Proxmox.
pub fn swap(node: &Node, vmid: Vmid, index: u8, net: &Net, init: u32) -> Result<(), Die> {
    unplug(node, vmid, index);
    let host = host_side(node, vmid, index);
    // The guest's side bears this name only until it is in the guest's namespace.
    let guest = format!("p{init}i{index}");
    let mtu = net.mtu().map_or_else(outer_mtu, u32::from).to_string();
    let mac = net.get("hwaddr").unwrap_or_default();
    ip(&[
        "link", "add", "name", &host, "mtu", &mtu, "type", "veth", "peer", "name", &guest, "address", mac, "mtu", &mtu,
    ])?;
    ip(&["link", "set", "dev", &guest, "netns", &init.to_string(), "name", net.name()])?;
    let inside = init.to_string();
    Program::new("nsenter").args(["-t", &inside, "-n", "ip", "link", "set", net.name(), "up"]).read()?;
    plug(node, vmid, index, net)
}

/// Takes a NIC away; nothing to do when it is not there.
pub fn unplug(node: &Node, vmid: Vmid, index: u8) {
    let name = host_side(node, vmid, index);
    if exists(&name) {
        let _ = ip(&["link", "delete", &name]);
    }
}

fn ip(args: &[&str]) -> Result<(), Die> {
    Program::new("ip").args(args).read().map(drop)
}
