//! A running guest's NIC becomes another one.

use spec::ids::Vmid;
use spec::pct::Net;

use super::link::{host_side, ip, plug, unplug};
use super::{address, rate};
use crate::containers::bridge::outer_mtu;
use crate::error::Die;
use crate::exec::Program;
use crate::state::Node;

/// A guest that runs.
#[derive(Debug, Clone, Copy)]
pub struct Running<'a> {
    /// Its node.
    pub node: &'a Node,
    /// The guest.
    pub vmid: Vmid,
    /// The host's process id of its init.
    pub init: u32,
}

impl Running<'_> {
    /// A program in the guest's network, on the host's files.
    pub(super) fn inside(&self, program: &str) -> Program {
        Program::new("nsenter").args(["-t", &self.init.to_string(), "-n", program])
    }
}

/// Makes `netN` what `new` says; `old` is what it was. Another name or hardware address takes another pair of links, so
/// that the guest sees a new interface; everything else is changed in place. Addresses follow.
pub fn change(guest: Running<'_>, index: u8, old: Option<&Net>, new: &Net) -> Result<(), Die> {
    let kept = old.filter(|old| same(old, new, &["name", "hwaddr"]));
    match (old, kept) {
        (_, Some(old)) => replug(guest, index, old, new)?,
        (Some(_), None) => {
            unplug(guest.node, guest.vmid, index);
            add(guest, index, new)?;
        }
        (None, None) => add(guest, index, new)?,
    }
    address::follow(guest, kept, new);
    Ok(())
}

fn same(old: &Net, new: &Net, keys: &[&str]) -> bool {
    keys.iter().all(|key| old.get(key) == new.get(key))
}

fn replug(guest: Running<'_>, index: u8, old: &Net, new: &Net) -> Result<(), Die> {
    let name = host_side(guest.node, guest.vmid, index);
    let stays = same(old, new, &["bridge", "tag", "trunks"])
        && old.firewall() == new.firewall()
        && old.link_down() == new.link_down();
    if stays {
        return if same(old, new, &["rate"]) { Ok(()) } else { rate::limit(&name, new.rate()) };
    }
    ip(&["link", "set", &name, "nomaster"])?;
    plug(guest.node, guest.vmid, index, new).inspect_err(|_| {
        // Better where it was than nowhere.
        let _ = plug(guest.node, guest.vmid, index, old);
    })
}

/// A new pair: the guest's side goes into its namespace and up, the host's side onto the bridge.
fn add(guest: Running<'_>, index: u8, net: &Net) -> Result<(), Die> {
    let host = host_side(guest.node, guest.vmid, index);
    // The guest's side bears this name only until it is in the guest's namespace.
    let inner = format!("p{}i{index}", guest.init);
    let mtu = net.mtu().map_or_else(outer_mtu, u32::from).to_string();
    let mac = net.get("hwaddr").unwrap_or_default();
    let pair = ["link", "add", "name", &host, "mtu", &mtu, "type", "veth", "peer", "name", &inner];
    Program::new("ip").args(pair).args(["address", mac, "mtu", &mtu]).read()?;
    let moved = ip(&["link", "set", "dev", &inner, "netns", &guest.init.to_string(), "name", net.name()]);
    let up = moved.and_then(|()| guest.inside("ip").args(["link", "set", net.name(), "up"]).read().map(drop));
    up.and_then(|()| plug(guest.node, guest.vmid, index, net)).inspect_err(|_| unplug(guest.node, guest.vmid, index))
}
