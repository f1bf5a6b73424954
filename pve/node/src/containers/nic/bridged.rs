//! The bridge below a NIC: whether it is there, whether it fits, and VLANs on it.

use std::fs;
use std::path::Path;

use spec::pct::Net;

use crate::error::Die;
use crate::exec::Program;

const LINKS: &str = "/sys/class/net";

pub(super) fn exists(link: &str) -> bool {
    Path::new(LINKS).join(link).exists()
}

fn number(bridge: &str, file: &str) -> Option<u32> {
    fs::read_to_string(Path::new(LINKS).join(bridge).join(file)).ok()?.trim().parse().ok()
}

/// Refuses a NIC whose bridge is not there.
pub fn refuse_missing_bridge(net: &Net) -> Result<(), Die> {
    match net.bridge() {
        Some(bridge) if !exists(bridge) => Err(Die::NoBridge { bridge: bridge.to_owned() }),
        _ => Ok(()),
    }
}

/// Refuses a NIC whose bridge is not there, or passes on smaller packets than the NIC `key`'s.
pub fn refuse_unfit_mtu(key: &str, net: &Net) -> Result<(), Die> {
    let bridge = net.bridge().unwrap_or_default();
    let most = number(bridge, "mtu").filter(|_| !bridge.is_empty());
    let most = most.ok_or_else(|| Die::NoBridge { bridge: bridge.to_owned() })?;
    match net.mtu().map(u32::from) {
        Some(mtu) if mtu > most => {
            Err(Die::text(format!("{key}: MTU size '{mtu}' is bigger than bridge MTU '{most}'")))
        }
        _ => Ok(()),
    }
}

/// Puts a link on the NIC's bridge and into its VLANs. A plain bridge has none; Proxmox would put one on the bridge's
/// physical port, and says so where there is no such port.
pub(super) fn join(link: &str, bridge: &str, net: &Net) -> Result<(), Die> {
    let filters = number(bridge, "bridge/vlan_filtering") == Some(1);
    if net.tag().is_some() && !filters {
        return Err(Die::text(format!("no physical interface on bridge '{bridge}'")));
    }
    Program::new("ip").args(["link", "set", link, "master", bridge]).read()?;
    if !filters {
        return Ok(());
    }
    let vlan = |verb: &str, more: &[&str]| {
        Program::new("bridge").args(["vlan", verb, "dev", link, "vid"]).args(more).read().map(drop)
    };
    vlan("del", &["1-4094"])?;
    let tag = net.tag().unwrap_or(1).to_string();
    vlan("add", &[&tag, "pvid", "untagged"])?;
    let trunks = net.get("trunks").map(str::to_owned);
    let trunks = trunks.or_else(|| net.tag().is_none().then(|| "2-4094".to_owned())).unwrap_or_default();
    trunks.split(';').filter(|trunk| !trunk.is_empty()).try_for_each(|trunk| vlan("add", &[trunk]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bridge_must_be_there_and_large_enough() {
        let refused = |text: &str| refuse_unfit_mtu("net0", &text.parse().unwrap()).map_err(|error| error.to_string());
        assert_eq!(refused("name=eth0,bridge=nosuch0"), Err("bridge 'nosuch0' does not exist".to_owned()));
        assert_eq!(refused("name=eth0"), Err("bridge '' does not exist".to_owned()));
        // Any link has an MTU; the loopback's is larger than what a NIC may ask for.
        assert_eq!(refused("name=eth0,bridge=lo,mtu=65535"), Ok(()));
    }
}
