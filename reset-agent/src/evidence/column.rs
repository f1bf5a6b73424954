//! A guest's identities at one moment, as they may be shown.

use std::collections::BTreeMap;
use std::net::IpAddr;

use pve_client::config_nets;
use pve_client::wire::GuestConfig;
use serde::{Deserialize, Serialize};
use spec::identity::{Observation, Reading, Seen, item};

use crate::guest::is_local;

/// What → value. Machine-ids and digests are shortened: systemd calls the former confidential.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Column(pub BTreeMap<String, String>);

/// Items that are worth a row even where there is nothing: their absence is the point.
const ALWAYS: &[Reading] = &[Reading::MachineId, Reading::SshHostKey, Reading::DockerEngineId];

impl Column {
    /// The moment's identities, from the configuration, the addresses and what was observed in the tree.
    pub fn of(config: Option<&GuestConfig>, addresses: &[IpAddr], observations: &[Observation]) -> Self {
        let mut values = BTreeMap::new();
        if let Some(config) = config {
            configured(config, &mut values);
        }
        let shown: Vec<String> = addresses.iter().filter(|ip| !is_local(**ip)).map(IpAddr::to_string).collect();
        if !shown.is_empty() {
            values.insert("IP address".to_owned(), shown.join(" "));
        }
        for observation in observations {
            values.extend(observed(observation));
        }
        Self(values)
    }

    /// The value of a row.
    pub fn get(&self, what: &str) -> Option<&str> {
        self.0.get(what).map(String::as_str)
    }
}

fn configured(config: &GuestConfig, values: &mut BTreeMap<String, String>) {
    if let Some(hostname) = config.get("hostname") {
        values.insert("configured hostname".to_owned(), hostname.to_owned());
    }
    for (key, net) in config_nets(config).unwrap_or_default() {
        let mac = net.hwaddr().map_or_else(|| "none".to_owned(), |mac| mac.to_string());
        let link = if net.link_down() { ", link down" } else { "" };
        values.insert(format!("MAC address ({key})"), format!("{mac}{link}"));
    }
}

fn observed(observation: &Observation) -> Option<(String, String)> {
    let item = item(&observation.item)?;
    match &observation.seen {
        Seen::Identity { identity, .. } if item.unique || item.reading == Reading::Hostname => {
            Some((identity.kind.title(), identity.shown()))
        }
        Seen::Absent | Seen::Empty if ALWAYS.contains(&item.reading) => {
            Some((item.title.to_owned(), observation.seen.in_words()))
        }
        Seen::Unreadable { .. } if item.unique => Some((item.title.to_owned(), observation.seen.in_words())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use spec::identity::{Identity, IdentityKind};

    use super::*;

    #[test]
    fn absence_of_a_key_is_shown_and_a_machine_id_shortened() {
        let id = "0123456789abcdef0123456789abcdef";
        let seen = |item: &str, seen: Seen| Observation { item: item.into(), place: "/x".into(), seen };
        let machine_id = Seen::Identity { identity: Identity::new(IdentityKind::MachineId, id), modified: None };
        let column = Column::of(None, &[], &[seen("ssh-host-keys", Seen::Absent), seen("machine-id", machine_id)]);
        assert_eq!(column.get("SSH host keys"), Some("absent"));
        assert_eq!(column.get("machine-id"), Some("01234567…"));
    }
}
