//! The node's own network: a bridge with DHCP, DNS and a way out, and its undoing.

use std::fs;
use std::path::Path;

use super::{dhcp, firewall};
use crate::error::{Die, chain};
use crate::exec::Program;
use crate::state::Node;

const IP_FORWARD: &str = "/proc/sys/net/ipv4/ip_forward";

/// Makes the bridge, its DHCP server and its way out; what is there already is left as it is.
///
/// A cluster's nodes hang on one bridge, the first node's.
pub fn up(node: &Node) -> Result<(), Die> {
    if node.layout.is_member() {
        let first = Node::open(node.layout.cluster()).map_err(|error| Die::text(chain(&error)))?;
        return up(&first);
    }
    let bridge = node.config.bridge.as_str();
    if !Path::new("/sys/class/net").join(bridge).exists() {
        // Recorded before it is made: a bridge that somebody else made is never deleted by `down`.
        let record = node.layout.run().join("bridge");
        fs::write(&record, bridge).map_err(Die::io("write", &record))?;
        ip(&["link", "add", "name", bridge, "type", "bridge"])?;
        ip(&["link", "set", bridge, "mtu", &outer_mtu().to_string()])?;
    }
    ip(&["address", "replace", &node.config.subnet.to_string(), "dev", bridge])?;
    ip(&["link", "set", bridge, "up"])?;
    forward(node)?;
    firewall::open(bridge, &node.config.subnet.network())?;
    dhcp::serve(node)
}

/// Undoes [`up`], as far as this node made it.
pub fn down(node: &Node) -> Result<(), Die> {
    let bridge = node.config.bridge.as_str();
    dhcp::stop(node)?;
    firewall::close(bridge)?;
    let record = node.layout.run().join("bridge");
    if record.exists() {
        if Path::new("/sys/class/net").join(bridge).exists() {
            ip(&["link", "delete", bridge])?;
        }
        fs::remove_file(&record).map_err(Die::io("unlink", &record))?;
    } else if Path::new("/sys/class/net").join(bridge).exists() {
        // Somebody else's bridge stays; the address on it was ours. It may be gone: then there is nothing to take away.
        let _ = ip(&["address", "delete", &node.config.subnet.to_string(), "dev", bridge]);
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
