//! The node's own networks: a bridge with DHCP, DNS and a way out, one without where the node has it, and their undoing.

use std::fs;
use std::path::{Path, PathBuf};

use super::{dhcp, firewall};
use crate::error::{Die, chain};
use crate::exec::Program;
use crate::state::{Node, Subnet};

const IP_FORWARD: &str = "/proc/sys/net/ipv4/ip_forward";

/// Makes the bridge, its DHCP server and its way out; what is there already is left as it is.
///
/// A cluster's nodes hang on one bridge, the first node's.
pub fn up(node: &Node) -> Result<(), Die> {
    if node.layout.is_member() {
        let first = Node::open(node.layout.cluster()).map_err(|error| Die::text(chain(&error)))?;
        return up(&first);
    }
    for network in networks(node) {
        up_one(node, &network)?;
    }
    Ok(())
}

/// A bridge with its network.
pub(super) struct Network<'n> {
    pub(super) bridge: &'n str,
    pub(super) subnet: Subnet,
    /// Whether guests reach what the machine reaches.
    pub(super) way_out: bool,
}

impl Network<'_> {
    /// A file of this network below the node's `run`.
    pub(super) fn file(&self, node: &Node, name: &str) -> PathBuf {
        node.layout.run().join(if self.way_out { name.to_owned() } else { format!("isolated-{name}") })
    }
}

fn networks(node: &Node) -> Vec<Network<'_>> {
    let config = &node.config;
    let own = Network { bridge: config.bridge.as_str(), subnet: config.subnet, way_out: true };
    let isolated = config.isolated.as_ref();
    let isolated =
        isolated.map(|network| Network { bridge: network.bridge.as_str(), subnet: network.subnet, way_out: false });
    [own].into_iter().chain(isolated).collect()
}

fn up_one(node: &Node, network: &Network<'_>) -> Result<(), Die> {
    let Network { bridge, subnet, way_out } = *network;
    if !Path::new("/sys/class/net").join(bridge).exists() {
        // Recorded before it is made: a bridge that somebody else made is never deleted by `down`.
        let record = network.file(node, "bridge");
        fs::write(&record, bridge).map_err(Die::io("write", &record))?;
        ip(&["link", "add", "name", bridge, "type", "bridge"])?;
        ip(&["link", "set", bridge, "mtu", &outer_mtu().to_string()])?;
    }
    ip(&["address", "replace", &subnet.to_string(), "dev", bridge])?;
    ip(&["link", "set", bridge, "up"])?;
    if way_out {
        forward(node)?;
        firewall::open(bridge, &subnet.network())?;
    } else {
        firewall::isolate(bridge)?;
    }
    dhcp::serve(node, network)
}

/// Undoes [`up`], as far as this node made it.
pub fn down(node: &Node) -> Result<(), Die> {
    for network in networks(node) {
        down_one(node, &network)?;
    }
    let before = node.layout.run().join("ip_forward");
    if let Ok(value) = fs::read_to_string(&before) {
        // Another node on this machine may have come up since: its guests would lose their way out.
        if !firewall::others_are_open()? {
            fs::write(IP_FORWARD, value).map_err(Die::io("write", IP_FORWARD))?;
        }
        fs::remove_file(&before).map_err(Die::io("unlink", &before))?;
    }
    Ok(())
}

fn down_one(node: &Node, network: &Network<'_>) -> Result<(), Die> {
    let Network { bridge, subnet, .. } = *network;
    dhcp::stop(node, network)?;
    firewall::close(bridge)?;
    let record = network.file(node, "bridge");
    if record.exists() {
        if Path::new("/sys/class/net").join(bridge).exists() {
            ip(&["link", "delete", bridge])?;
        }
        fs::remove_file(&record).map_err(Die::io("unlink", &record))?;
    } else if Path::new("/sys/class/net").join(bridge).exists() {
        // Somebody else's bridge stays; the address on it was ours. It may be gone: then there is nothing to take away.
        let _ = ip(&["address", "delete", &subnet.to_string(), "dev", bridge]);
    }
    Ok(())
}

/// Lets the kernel forward packets, and remembers what it did before.
fn forward(node: &Node) -> Result<(), Die> {
    let now = fs::read_to_string(IP_FORWARD).map_err(Die::io("read", IP_FORWARD))?;
    if now.trim() == "1" {
        return Ok(());
    }
    let before = node.layout.run().join("ip_forward");
    fs::write(&before, &now).map_err(Die::io("write", &before))?;
    fs::write(IP_FORWARD, "1").map_err(Die::io("write", IP_FORWARD))
}

/// The MTU of the device that the default route leaves by; 1500 where there is no such route.
pub fn outer_mtu() -> u32 {
    let routes = fs::read_to_string("/proc/net/route").unwrap_or_default();
    let default = routes.lines().skip(1).find(|line| line.split('\t').nth(1) == Some("00000000"));
    let device = default.and_then(|line| line.split('\t').next());
    let mtu = |device: &str| fs::read_to_string(format!("/sys/class/net/{device}/mtu")).ok()?.trim().parse().ok();
    device.and_then(mtu).unwrap_or(1500)
}

fn ip(args: &[&str]) -> Result<(), Die> {
    Program::new("ip").args(args).read().map(drop)
}
