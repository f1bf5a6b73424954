//! Guests → what was seen of them. What could not be looked at is told too.

use pve_client::wire::{GuestConfig, GuestState as RunState, GuestStatus};
use pve_client::{CallError, Client, config_nets, interface_addresses};
use spec::audit::{Ancestry, Area, GuestKind, GuestState, Holder, Nic, Place, Sighting, Source, Unread};
use spec::identity::{Identity, IdentityKind, Observation, Reading, Seen, item};
use spec::ids::{NodeName, Vmid};
use tokio::task::JoinSet;

use crate::guest::Helper;
use crate::node::failure::chain;
use crate::node::look::is_missing;

/// Guests looked at side by side; the node answers with three workers.
const AT_ONCE: usize = 8;

/// A guest, and what a look at it gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The guest.
    pub holder: Holder,
    /// The parts of it that were looked at.
    pub areas: Vec<Area>,
    /// The values that were there.
    pub sightings: Vec<Sighting>,
    /// Catalog items that are there and not what belongs there, each with what is wrong.
    pub malformed: Vec<(String, String)>,
    /// What could not be looked at.
    pub unread: Vec<Unread>,
}

/// Looks at every guest of the node, running or stopped, ours or not.
///
/// # Errors
/// The list of guests cannot be had. A single guest that cannot be looked at is part of the result.
pub async fn collect(pve: &Client, helper: Option<&Helper>) -> Result<Vec<Looked>, CallError> {
    let mut waiting = pve.guests().await?.into_iter();
    let mut looking = JoinSet::new();
    let mut guests = Vec::new();
    loop {
        while looking.len() < AT_ONCE {
            let Some(row) = waiting.next() else { break };
            looking.spawn(look(pve.clone(), helper.cloned(), row));
        }
        match looking.join_next().await {
            None => break,
            Some(Ok(looked)) => guests.extend(looked),
            Some(Err(error)) => tracing::error!(%error, "a look at a guest ended early"),
        }
    }
    guests.sort_by_key(|guest: &Looked| guest.holder.vmid);
    Ok(guests)
}

async fn look(pve: Client, helper: Option<Helper>, row: GuestStatus) -> Option<Looked> {
    let vmid = u32::try_from(row.vmid).ok().and_then(|number| Vmid::try_from(number).ok())?;
    let mut looked = Looked::at(vmid, pve.node().clone(), &row);
    match pve.config(vmid).await {
        Ok(config) => looked.config(&config),
        // It went away since the list was made.
        Err(error) if is_missing(&error) => return None,
        Err(error) => looked.missed(Area::Configuration, Source::Config, chain(&error)),
    }
    if looked.holder.state == GuestState::Running {
        match pve.interfaces(vmid).await {
            Ok(interfaces) => looked.addresses(&interfaces.unwrap_or_default()),
            Err(error) => looked.missed(Area::Addresses, Source::Interfaces, chain(&error)),
        }
    }
    let Some(helper) = helper else {
        looked.missed(Area::Tree, Source::Helper, "no helper is configured (`helper.socket`)".to_owned());
        return Some(looked);
    };
    match helper.observe(vmid).await {
        Ok(tree) if tree.observations.is_empty() => {
            looked.missed(Area::Tree, Source::Helper, "the helper observed nothing in it".to_owned());
        }
        Ok(tree) => {
            looked.areas.push(Area::Tree);
            for observation in &tree.observations {
                looked.observation(observation);
            }
        }
        Err(error) => looked.missed(Area::Tree, Source::Helper, chain(&error)),
    }
    Some(looked)
}

impl Looked {
    fn at(vmid: Vmid, node: NodeName, row: &GuestStatus) -> Self {
        let state = match row.status {
            _ if row.template => GuestState::Template,
            RunState::Running => GuestState::Running,
            RunState::Stopped | RunState::Unknown => GuestState::Stopped,
        };
        let holder = Holder {
            cluster: None,
            node,
            vmid,
            kind: GuestKind::Lxc,
            state,
            name: row.name.clone().unwrap_or_else(|| format!("CT{vmid}")),
            tenant: None,
            nics: Vec::new(),
            ancestry: Ancestry::default(),
            born: None,
        };
        Self { holder, areas: Vec::new(), sightings: Vec::new(), malformed: Vec::new(), unread: Vec::new() }
    }

    fn missed(&mut self, area: Area, source: Source, why: String) {
        self.unread.push(Unread { item: area.word().to_owned(), source: Some(source), why });
    }

    fn saw(&mut self, kind: IdentityKind, value: &str, source: Source, at: Place) {
        self.sightings.push(Sighting { at, ..Sighting::new(Identity::new(kind, value), source) });
    }

    fn config(&mut self, config: &GuestConfig) {
        self.areas.push(Area::Configuration);
        if let Some(hostname) = config.get("hostname") {
            self.saw(IdentityKind::Hostname, hostname, Source::Config, Place::Unknown);
        }
        let nets = match config_nets(config) {
            Ok(nets) => nets,
            Err(error) => {
                let unread =
                    Unread { item: "nic-mac".to_owned(), source: Some(Source::Config), why: error.to_string() };
                return self.unread.push(unread);
            }
        };
        for (key, net) in nets {
            let index = key.strip_prefix("net").and_then(|number| number.parse().ok());
            let at = index.map_or(Place::Unknown, Place::Nic);
            if let (Some(index), Some(bridge)) = (index, net.bridge()) {
                self.holder.nics.push(Nic { index, bridge: bridge.to_owned(), tag: net.tag() });
            }
            if let Some(mac) = net.hwaddr() {
                self.saw(IdentityKind::Mac, &mac.to_string(), Source::Config, at);
            } else {
                let why = format!("{key} names no MAC address: Proxmox draws another at every start");
                self.malformed.push(("nic-mac".to_owned(), why));
            }
        }
    }

    /// Addresses at interfaces that the configuration knows have a segment; a bridge that a program made inside the
    /// guest (docker0) has the same address in every guest.
    fn addresses(&mut self, interfaces: &[pve_client::wire::Interface]) {
        self.areas.push(Area::Addresses);
        for interface in interfaces {
            let mac = Identity::new(IdentityKind::Mac, &interface.hwaddr);
            let configured = self.sightings.iter().find(|sighting| sighting.identity == mac);
            let at = configured.map_or(Place::Inner, |sighting| sighting.at);
            for address in interface_addresses(interface) {
                self.saw(IdentityKind::Ip, &address.to_string(), Source::Interfaces, at);
            }
        }
    }

    /// What the catalog calls unique is compared; the rest of the tree is the business of other checks.
    fn observation(&mut self, observation: &Observation) {
        let Some(item) = item(&observation.item).filter(|item| item.unique || item.reading == Reading::Hostname) else {
            return;
        };
        let told = |why: &str| format!("{}: {why}", observation.place);
        match &observation.seen {
            Seen::Identity { identity, modified } => {
                let sighting = Sighting::new(identity.clone(), Source::Helper);
                self.sightings.push(Sighting { modified: *modified, ..sighting });
            }
            Seen::Malformed { why } => self.malformed.push((item.id.to_owned(), told(why))),
            Seen::Unreadable { why } => {
                let unread = Unread { item: item.id.to_owned(), source: Some(Source::Helper), why: told(why) };
                self.unread.push(unread);
            }
            Seen::Absent | Seen::Empty | Seen::Link { .. } | Seen::Present { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked() -> Looked {
        let row = serde_json::from_str(r#"{"vmid":101,"status":"running","name":"acme"}"#).unwrap();
        Looked::at("101".parse().unwrap(), "pve".parse().unwrap(), &row)
    }

    #[test]
    fn addresses_of_inner_bridges_are_nobodys_identity() {
        let mut looked = looked();
        let values = [("net0".to_owned(), "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01".to_owned())];
        looked.config(&GuestConfig { values: values.into(), ..GuestConfig::default() });
        let interfaces: Vec<pve_client::wire::Interface> = serde_json::from_str(
            r#"[{"name":"eth0","hwaddr":"bc:24:11:00:00:01","inet":"10.66.0.7/24"},
                {"name":"docker0","hwaddr":"02:42:11:22:33:44","inet":"172.17.0.1/16"}]"#,
        )
        .unwrap();
        looked.addresses(&interfaces);
        let ips: Vec<(&str, Place)> = looked
            .sightings
            .iter()
            .filter(|sighting| sighting.identity.kind == IdentityKind::Ip)
            .map(|sighting| (sighting.identity.value.as_str(), sighting.at))
            .collect();
        assert_eq!(ips, [("10.66.0.7", Place::Nic(0)), ("172.17.0.1", Place::Inner)]);
        assert_eq!(looked.holder.nics, [Nic { index: 0, bridge: "vmbr0".into(), tag: None }]);
    }

    #[test]
    fn what_cannot_be_read_is_never_taken_for_clean() {
        let mut looked = looked();
        let seen = |seen| Observation { item: "machine-id".into(), place: "/etc/machine-id".into(), seen };
        looked.observation(&seen(Seen::Unreadable { why: "permission denied".into() }));
        looked.observation(&seen(Seen::Malformed { why: "all zero".into() }));
        assert_eq!((looked.unread.len(), looked.malformed.len()), (1, 1));
    }
}
