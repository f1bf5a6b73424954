//! What would be made of a list, and what stands against it.

use std::collections::BTreeMap;

use serde::Serialize;
use spec::ids::Vmid;

use super::list::Entry;
use crate::ledger::Guest;

/// One line of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The list's entry.
    pub entry: Entry,
    /// What would come of it.
    pub standing: Standing,
}

/// What would come of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "kebab-case")]
pub enum Standing {
    /// A guest is made.
    New,
    /// The customer has it already, made or under way: the list is told again.
    Exists {
        /// Its number.
        vmid: Vmid,
    },
    /// It cannot be made beside what is there, or beside another line.
    Conflict {
        /// Why.
        why: String,
    },
}

/// Holds a list against itself and against the ledger's live guests.
pub fn plan(entries: Vec<Entry>, live: &[Guest]) -> Vec<Planned> {
    let mut customers = BTreeMap::new();
    let mut hostnames = BTreeMap::new();
    let mut planned = Vec::new();
    for entry in entries {
        let hostname = entry.request.hostname.as_str().to_ascii_lowercase();
        let conflict = |why: String| Standing::Conflict { why };
        let standing = if let Some(line) = customers.get(&entry.request.customer) {
            conflict(format!("customer {} stands on line {line} already", entry.request.customer))
        } else if let Some(line) = hostnames.get(&hostname) {
            conflict(format!("hostname {hostname} stands on line {line} already"))
        } else {
            beside(&entry, &hostname, live)
        };
        customers.entry(entry.request.customer.clone()).or_insert(entry.line);
        hostnames.entry(hostname).or_insert(entry.line);
        planned.push(Planned { entry, standing });
    }
    planned
}

fn beside(entry: &Entry, hostname: &str, live: &[Guest]) -> Standing {
    let request = &entry.request;
    let is_named = |guest: &&Guest| guest.hostname.as_str().eq_ignore_ascii_case(hostname);
    if let Some(own) = live.iter().find(|guest| guest.customer == request.customer) {
        return if is_named(&own) {
            Standing::Exists { vmid: own.vmid }
        } else {
            let why = format!("customer {} has guest {} already, named {}", own.customer, own.vmid, own.hostname);
            Standing::Conflict { why }
        };
    }
    match live.iter().find(is_named) {
        Some(other) => Standing::Conflict {
            why: format!("hostname {hostname} is guest {}'s of customer {}", other.vmid, other.customer),
        },
        None => Standing::New,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::list::{Form, read};
    use super::*;

    fn planned(list: &[(&str, &str)]) -> Vec<Standing> {
        let lines: Vec<String> = list
            .iter()
            .map(|(customer, hostname)| json!({"customer": customer, "golden": "g", "hostname": hostname}).to_string())
            .collect();
        let entries = read(&lines.join("\n"), Form::JsonLines, "8G".parse().unwrap()).unwrap();
        let live: Guest = serde_json::from_value(json!({
            "id": 1, "customer": "acme", "vmid": 200, "node": "pve", "hostname": "web", "golden": "g", "state": "active",
            "run": "0193f2a4-0000-7000-8000-000000000001", "created_at": "", "updated_at": ""
        }))
        .unwrap();
        plan(entries, &[live]).into_iter().map(|planned| planned.standing).collect()
    }

    fn is_conflict(standing: &Standing, names: &str) -> bool {
        matches!(standing, Standing::Conflict { why } if why.contains(names))
    }

    #[test]
    fn a_list_is_held_against_itself_and_against_the_ledger() {
        let all = planned(&[("a", "a"), ("a", "b"), ("c", "A"), ("acme", "web"), ("d", "WEB")]);
        assert_eq!(all[0], Standing::New);
        assert!(is_conflict(&all[1], "customer a stands on line 1"), "{all:?}");
        assert!(is_conflict(&all[2], "hostname a stands on line 1"), "{all:?}");
        assert_eq!(all[3], Standing::Exists { vmid: "200".parse().unwrap() });
        assert!(is_conflict(&all[4], "web stands on line 4"), "{all:?}");
        assert!(is_conflict(&planned(&[("d", "Web")])[0], "guest 200's of customer acme"));
        assert!(is_conflict(&planned(&[("acme", "other")])[0], "named web"));
    }
}
