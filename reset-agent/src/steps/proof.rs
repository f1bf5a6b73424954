//! A configuration read back as the proof of a reset: the one thing that lets a guest be started.

use std::collections::{BTreeMap, BTreeSet};

use pve_client::config_nets;
use pve_client::wire::GuestConfig;
use serde::{Deserialize, Serialize};
use spec::identity::{Identity, IdentityKind};
use spec::ids::{Hostname, MacAddr, Vmid};
use spec::pct::Net;

use super::reserve::Names;
use crate::evidence::Column;

/// A configuration that was read back and found to be nobody else's. The start step takes nothing else: a guest whose
/// reset was not proven cannot be started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenReset {
    vmid: Vmid,
    macs: BTreeMap<String, MacAddr>,
    hostname: Hostname,
    column: Column,
}

/// Why a configuration is no proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("guest {vmid} is not reset: {}", .reasons.join("; "))]
pub struct NotReset {
    /// The guest.
    pub vmid: Vmid,
    /// What is wrong, one line each.
    pub reasons: Vec<String>,
}

impl ProvenReset {
    /// Holds what was read back against what was asked, what is forbidden, and what others hold.
    ///
    /// # Errors
    /// [`NotReset`] with every reason.
    pub fn prove(
        vmid: Vmid,
        config: &GuestConfig,
        names: &Names,
        forbidden: &BTreeSet<Identity>,
        others: &BTreeSet<MacAddr>,
    ) -> Result<Self, NotReset> {
        let nets = config_nets(config).map_err(|error| NotReset { vmid, reasons: vec![error.to_string()] })?;
        let mut reasons = Vec::new();
        if config.get("hostname") != Some(names.hostname.as_str()) {
            let found = config.get("hostname").unwrap_or_default();
            reasons.push(format!("its hostname is {found:?}, not {}", names.hostname));
        }
        if nets.keys().ne(names.macs.keys()) {
            reasons.push("it has other interfaces than were asked for".to_owned());
        }
        for (key, net) in &nets {
            reasons.extend(net_reasons(key, net, names.macs.get(key), forbidden, others));
        }
        if reasons.is_empty() {
            let column = Column::of(Some(config), &[], &[]);
            Ok(Self { vmid, macs: names.macs.clone(), hostname: names.hostname.clone(), column })
        } else {
            Err(NotReset { vmid, reasons })
        }
    }

    /// The guest.
    pub fn vmid(&self) -> Vmid {
        self.vmid
    }

    /// Its interfaces' addresses by key.
    pub fn macs(&self) -> &BTreeMap<String, MacAddr> {
        &self.macs
    }

    /// Its hostname.
    pub fn hostname(&self) -> &Hostname {
        &self.hostname
    }

    /// What it was after the reset.
    pub fn column(&self) -> &Column {
        &self.column
    }

    /// Adds what was seen of the guest at that moment.
    pub(super) fn add(&mut self, seen: Column) {
        self.column.0.extend(seen.0);
    }

    /// Whether a configuration still is the proven one.
    pub fn holds(&self, config: &GuestConfig) -> bool {
        let macs = config_nets(config).map(|nets| {
            nets.into_iter().filter_map(|(key, net)| Some((key, net.hwaddr()?))).collect::<BTreeMap<_, _>>()
        });
        macs.is_ok_and(|macs| macs == self.macs) && config.get("hostname") == Some(self.hostname.as_str())
    }
}

fn net_reasons(
    key: &str,
    net: &Net,
    wanted: Option<&MacAddr>,
    forbidden: &BTreeSet<Identity>,
    others: &BTreeSet<MacAddr>,
) -> Vec<String> {
    let Some(mac) = net.hwaddr() else {
        return vec![format!("{key} has no MAC address: Proxmox would draw another at every start")];
    };
    let mut reasons = Vec::new();
    if Some(&mac) != wanted {
        reasons.push(format!("{key} has {mac}, which was not issued for it"));
    }
    if forbidden.contains(&Identity::new(IdentityKind::Mac, &mac.to_string())) {
        reasons.push(format!("{key} has the golden's address {mac}"));
    }
    if others.contains(&mac) {
        reasons.push(format!("{key} has {mac}, which another guest of the node has too"));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::GuestId;

    fn names() -> Names {
        Names {
            guest: GuestId(1),
            vmid: "200".parse().unwrap(),
            hostname: "acme".parse().unwrap(),
            macs: BTreeMap::from([("net0".to_owned(), "BC:24:11:00:00:01".parse().unwrap())]),
        }
    }

    fn config(hostname: &str, net0: &str) -> GuestConfig {
        let values = [("hostname", hostname), ("net0", net0)];
        let values = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        GuestConfig { values, ..GuestConfig::default() }
    }

    fn prove(config: &GuestConfig, others: &[&str]) -> Result<ProvenReset, NotReset> {
        let forbidden = BTreeSet::from([Identity::new(IdentityKind::Mac, "bc:24:11:aa:bb:cc")]);
        let others = others.iter().map(|mac| mac.parse().unwrap()).collect();
        ProvenReset::prove("200".parse().unwrap(), config, &names(), &forbidden, &others)
    }

    const GOOD: &str = "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp,link_down=1";

    #[test]
    fn s4_f1_only_what_was_issued_is_proof() {
        let proven = prove(&config("acme", GOOD), &[]).unwrap();
        assert!(proven.holds(&config("acme", &GOOD.replace(",link_down=1", ""))));
        assert!(!proven.holds(&config("acme", &GOOD.replace("00:01", "00:02"))));
        assert!(!proven.holds(&config("golden", GOOD)));
    }

    #[test]
    fn the_goldens_address_a_strangers_and_none_are_no_proof() {
        let golden = GOOD.replace("BC:24:11:00:00:01", "BC:24:11:AA:BB:CC");
        for (hostname, net0, others) in [
            ("golden", GOOD, &[][..]),
            ("acme", golden.as_str(), &[]),
            ("acme", "name=eth0,bridge=vmbr0", &[]),
            ("acme", GOOD, &["BC:24:11:00:00:01"]),
        ] {
            assert!(prove(&config(hostname, net0), others).is_err(), "{hostname} {net0}");
        }
    }

    #[test]
    fn an_interface_too_many_is_no_proof() {
        let mut two = config("acme", GOOD);
        two.values.insert("net1".into(), GOOD.replace("00:01", "00:09").replace("eth0", "eth1"));
        assert!(prove(&two, &[]).is_err());
    }
}
