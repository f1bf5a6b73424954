//! The checklist after a recovery: a recovered guest keeps what the lost one was known by, so whoever has the lost one
//! has that too. Pure: facts in, list out.

use serde::{Deserialize, Serialize};
use spec::identity::catalog::Class;
use spec::identity::{Finding, Item, Seen, item};
use spec::ids::{Hostname, MacAddr, Volid};

use crate::ledger::Guest;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Todo {
    /// What it is about.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub todo: String,
}

/// The facts of a recovery.
#[derive(Debug)]
pub struct Recovered<'a> {
    /// The backup.
    pub archive: &'a Volid,
    /// The guest that was lost, as the ledger had it.
    pub original: Option<&'a Guest>,
    /// The guest's hostname.
    pub hostname: &'a Hostname,
    /// Each interface's address now, and the archived one.
    pub macs: Vec<(MacAddr, Option<MacAddr>)>,
    /// Switches that the backup had on and the guest has off.
    pub switched_off: &'a [String],
    /// Volumes that the backup left out: they came back empty.
    pub left_out: Vec<String>,
    /// What was judged in the guest.
    pub findings: &'a [Finding],
}

/// What a person should look after.
pub fn checklist(recovered: &Recovered<'_>) -> Vec<Todo> {
    let mut list = vec![lost_guest(recovered), secrets(recovered)];
    list.extend(held(recovered.findings).map(rotate));
    list.extend(recovered.macs.iter().filter_map(|(now, archived)| readdressed(*now, (*archived)?)));
    list.extend(recovered.left_out.iter().map(|path| left_out(path)));
    list.extend(recovered.switched_off.iter().map(|switch| switched_off(switch)));
    list
}

fn lost_guest(recovered: &Recovered<'_>) -> Todo {
    let hostname = recovered.hostname;
    let (what, todo) = match recovered.original {
        Some(guest) => (
            format!("the lost guest {} of node {}", guest.vmid, guest.node),
            format!(
                "before node {} or its storage comes back: remove the guest there (pct destroy {}) or its configuration",
                guest.node, guest.vmid
            ),
        ),
        None => (
            "the lost guest".to_owned(),
            "make sure that it cannot start again, wherever its disk or its other backups are".to_owned(),
        ),
    };
    Todo { what, why: format!("two guests would answer as {hostname}"), todo }
}

fn secrets(recovered: &Recovered<'_>) -> Todo {
    Todo {
        what: "passwords, tokens and keys of the customer's own services".to_owned(),
        why: format!("they came back out of {} and are as good on the lost disk", recovered.archive),
        todo: "rotate them at their source, revoke the old ones, deliver the new ones".to_owned(),
    }
}

/// The catalog's items that are there and are worth something to whoever has a copy: identities and credentials.
fn held(findings: &[Finding]) -> impl Iterator<Item = &'static Item> {
    let nothing = [Seen::Absent.in_words(), Seen::Empty.in_words()];
    let there = move |finding: &&Finding| !nothing.contains(&finding.why);
    let mut seen = std::collections::BTreeSet::new();
    let items = findings.iter().filter(there).filter_map(|finding| item(&finding.item));
    let worth = items.filter(|item| item.severity == 1 || (item.unique && item.class == Class::Identity));
    worth.filter(move |item| seen.insert(item.id)).collect::<Vec<_>>().into_iter()
}

fn rotate(item: &'static Item) -> Todo {
    let todo = match item.id {
        "ssh-host-keys" => {
            "if anybody may have the lost disk: rm /etc/ssh/ssh_host_*_key* && systemctl restart mintmark-firstboot ssh, \
             then publish the new fingerprints"
        }
        "machine-id" => "keep it: the guest is the same one; nothing outside should take it for a secret",
        _ => "if anybody may have the lost disk: revoke it where it is known, and have its owner make a new one",
    };
    Todo { what: item.title.to_owned(), why: item.because.to_owned(), todo: todo.to_owned() }
}

fn readdressed(now: MacAddr, archived: MacAddr) -> Option<Todo> {
    (now != archived).then(|| Todo {
        what: format!("the address {archived}, which is another guest's: {now} was issued instead"),
        why: "reservations and filters know the old one".to_owned(),
        todo: format!("change DHCP reservations, firewall rules and switch ports to {now}"),
    })
}

fn left_out(path: &str) -> Todo {
    Todo {
        what: format!("the volume at {path}, which the backup did not hold"),
        why: "it came back empty".to_owned(),
        todo: "put its data back from wherever else it is kept".to_owned(),
    }
}

fn switched_off(switch: &str) -> Todo {
    Todo {
        what: format!("{switch}, which the backup had on"),
        why: "a guest comes back with it off, so that nothing starts it before it is looked at".to_owned(),
        todo: format!("pct set VMID --{switch} 1"),
    }
}

#[cfg(test)]
mod tests {
    use spec::identity::Verdict;

    use super::*;

    fn told(findings: &[Finding], macs: Vec<(MacAddr, Option<MacAddr>)>) -> Vec<Todo> {
        checklist(&Recovered {
            archive: &"local:backup/vzdump-lxc-200-2026_11_20-13_45_00.tar.zst".parse().unwrap(),
            original: None,
            hostname: &"acme".parse().unwrap(),
            macs,
            switched_off: &["onboot".to_owned()],
            left_out: vec!["/cache".to_owned()],
            findings,
        })
    }

    fn finding(item: &str, why: &str) -> Finding {
        Finding { item: item.into(), place: "/x".into(), verdict: Verdict::Pass, why: why.into() }
    }

    #[test]
    fn q03_what_was_kept_is_on_the_list_and_what_is_not_there_is_not() {
        let list = told(&[finding("ssh-host-keys", "SSH host key SHA256:x"), finding("machine-id", "absent")], vec![]);
        assert!(list.iter().any(|todo| todo.todo.contains("ssh_host_")), "{list:?}");
        assert!(!list.iter().any(|todo| todo.todo.contains("keep it")), "{list:?}");
        assert!(list.iter().any(|todo| todo.what.contains("onboot")), "{list:?}");
    }

    #[test]
    fn only_an_address_that_changed_is_told() {
        let (old, new) = ("BC:24:11:00:00:01".parse().unwrap(), "BC:24:11:00:00:02".parse().unwrap());
        let told_of = |list: &[Todo]| list.iter().filter(|todo| todo.what.contains("was issued")).count();
        assert_eq!(told_of(&told(&[], vec![(old, Some(old))])), 0);
        assert_eq!(told_of(&told(&[], vec![(new, Some(old))])), 1);
        assert_eq!(told_of(&told(&[], vec![(new, None)])), 0);
    }
}
