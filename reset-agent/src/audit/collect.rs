//! Guests → facts. What could not be looked at is a fact too.

use std::collections::BTreeSet;

use pve_client::wire::{GuestConfig, GuestState as RunState, GuestStatus};
use pve_client::{CallError, Client, config_nets, interface_addresses};
use spec::identity::{GuestFacts, GuestState, Identity, IdentityKind, Observation, Reading, Seen, Unread, item};
use spec::ids::{NodeName, Vmid};
use tokio::task::JoinSet;

use crate::guest::Helper;
use crate::node::failure::chain;
use crate::node::look::is_missing;

/// Guests looked at side by side; the node answers with three workers.
const AT_ONCE: usize = 8;

/// Looks at every guest of the node, running or stopped, ours or not.
///
/// # Errors
/// The list of guests cannot be had. A single guest that cannot be looked at is part of the result.
pub async fn collect(pve: &Client, helper: Option<&Helper>) -> Result<Vec<GuestFacts>, CallError> {
    let mut waiting = pve.guests().await?.into_iter();
    let mut looking = JoinSet::new();
    let mut facts = Vec::new();
    loop {
        while looking.len() < AT_ONCE {
            let Some(row) = waiting.next() else { break };
            looking.spawn(look(pve.clone(), helper.cloned(), row));
        }
        match looking.join_next().await {
            None => break,
            Some(Ok(looked)) => facts.extend(looked),
            Some(Err(error)) => tracing::error!(%error, "a look at a guest ended early"),
        }
    }
    facts.sort_by_key(|guest| guest.vmid);
    Ok(facts)
}

async fn look(pve: Client, helper: Option<Helper>, row: GuestStatus) -> Option<GuestFacts> {
    let vmid = u32::try_from(row.vmid).ok().and_then(|number| Vmid::try_from(number).ok())?;
    let mut facts = empty(vmid, pve.node().clone(), &row);
    match pve.config(vmid).await {
        Ok(config) => add_config(&mut facts, &config),
        // It went away since the list was made.
        Err(error) if is_missing(&error) => return None,
        Err(error) => unread(&mut facts, "configuration", chain(&error)),
    }
    if facts.state == GuestState::Running {
        match pve.interfaces(vmid).await {
            Ok(interfaces) => add_addresses(&mut facts, &interfaces.unwrap_or_default()),
            Err(error) => unread(&mut facts, "ip-address", chain(&error)),
        }
    }
    match helper {
        None => unread(&mut facts, "tree", "no helper is configured (`helper.socket`)".to_owned()),
        Some(helper) => match helper.observe(vmid).await {
            Ok(tree) if tree.observations.is_empty() => {
                unread(&mut facts, "tree", "the helper observed nothing in it".to_owned());
            }
            Ok(tree) => tree.observations.iter().for_each(|observation| add_observation(&mut facts, observation)),
            Err(error) => unread(&mut facts, "tree", chain(&error)),
        },
    }
    Some(facts)
}

fn empty(vmid: Vmid, node: NodeName, row: &GuestStatus) -> GuestFacts {
    let state = match row.status {
        _ if row.template => GuestState::Template,
        RunState::Running => GuestState::Running,
        RunState::Stopped | RunState::Unknown => GuestState::Stopped,
    };
    let name = row.name.clone().unwrap_or_else(|| format!("CT{vmid}"));
    GuestFacts { vmid, node, name, state, identities: BTreeSet::new(), weak: Vec::new(), unread: Vec::new() }
}

fn unread(facts: &mut GuestFacts, item: &str, why: String) {
    facts.unread.push(Unread { item: item.to_owned(), why });
}

fn add_config(facts: &mut GuestFacts, config: &GuestConfig) {
    if let Some(hostname) = config.get("hostname") {
        facts.identities.insert(Identity::new(IdentityKind::Hostname, hostname));
    }
    match config_nets(config) {
        Err(error) => unread(facts, "nic-mac", error.to_string()),
        Ok(nets) => {
            for (key, net) in nets {
                match net.hwaddr() {
                    Some(mac) => {
                        facts.identities.insert(Identity::new(IdentityKind::Mac, &mac.to_string()));
                    }
                    None => facts.weak.push(Unread {
                        item: "nic-mac".to_owned(),
                        why: format!("{key} names no MAC address: Proxmox draws another at every start"),
                    }),
                }
            }
        }
    }
}

fn add_addresses(facts: &mut GuestFacts, interfaces: &[pve_client::wire::Interface]) {
    // Only interfaces that the configuration knows: a bridge that a program made inside the guest (docker0) has the
    // same address in every guest and is nobody's identity.
    let configured = |mac: &str| facts.identities.contains(&Identity::new(IdentityKind::Mac, mac));
    let own = interfaces.iter().filter(|interface| configured(&interface.hwaddr));
    let addresses: Vec<Identity> = own
        .flat_map(interface_addresses)
        .map(|address| Identity::new(IdentityKind::Ip, &address.to_string()))
        .collect();
    facts.identities.extend(addresses);
}

/// What the catalog calls unique is compared; the rest of the tree is the business of other checks.
fn add_observation(facts: &mut GuestFacts, observation: &Observation) {
    let Some(item) = item(&observation.item).filter(|item| item.unique || item.reading == Reading::Hostname) else {
        return;
    };
    let told = |why: &str| Unread { item: item.id.to_owned(), why: format!("{}: {why}", observation.place) };
    match &observation.seen {
        Seen::Identity { identity, .. } => {
            facts.identities.insert(identity.clone());
        }
        Seen::Malformed { why } => facts.weak.push(told(why)),
        Seen::Unreadable { why } => facts.unread.push(told(why)),
        Seen::Absent | Seen::Empty | Seen::Link { .. } | Seen::Present { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> GuestFacts {
        let row = serde_json::from_str(r#"{"vmid":101,"status":"running","name":"acme"}"#).unwrap();
        empty("101".parse().unwrap(), "pve".parse().unwrap(), &row)
    }

    #[test]
    fn addresses_of_inner_bridges_are_nobodys_identity() {
        let mut facts = facts();
        let values = [("net0".to_owned(), "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01".to_owned())];
        add_config(&mut facts, &GuestConfig { values: values.into(), ..GuestConfig::default() });
        let interfaces: Vec<pve_client::wire::Interface> = serde_json::from_str(
            r#"[{"name":"eth0","hwaddr":"bc:24:11:00:00:01","inet":"10.66.0.7/24"},
                {"name":"docker0","hwaddr":"02:42:11:22:33:44","inet":"172.17.0.1/16"}]"#,
        )
        .unwrap();
        add_addresses(&mut facts, &interfaces);
        let ips: Vec<&str> =
            facts.identities.iter().filter(|i| i.kind == IdentityKind::Ip).map(|i| i.value.as_str()).collect();
        assert_eq!(ips, ["10.66.0.7"]);
    }

    #[test]
    fn what_cannot_be_read_is_never_taken_for_clean() {
        let mut facts = facts();
        let seen = |seen| Observation { item: "machine-id".into(), place: "/etc/machine-id".into(), seen };
        add_observation(&mut facts, &seen(Seen::Unreadable { why: "permission denied".into() }));
        add_observation(&mut facts, &seen(Seen::Malformed { why: "all zero".into() }));
        assert_eq!((facts.unread.len(), facts.weak.len()), (1, 1));
    }
}
