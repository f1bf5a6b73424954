//! In what ledger and cluster differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use spec::identity::{Identity, IdentityKind};
use spec::ids::{CustomerId, Hostname, NodeName, RunId, Vmid};

use super::sighting::{Configured, Known, Sighted, is_steady};
use crate::ledger::guest::GuestState;

/// One difference, or what kept from looking for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "difference", rename_all = "kebab-case")]
pub enum Discrepancy {
    /// A guest bears a mark of ours, and the ledger does not know it.
    Unknown {
        /// The guest.
        vmid: Vmid,
        /// Where it is.
        node: NodeName,
        /// The run in its mark.
        run: RunId,
        /// Whose it is, as its description says.
        customer: Option<CustomerId>,
    },
    /// A live guest of the ledger is nowhere on the cluster.
    Gone {
        /// Its number.
        vmid: Vmid,
        /// Whose it is.
        customer: CustomerId,
    },
    /// Another guest stands at the number of a live guest of the ledger.
    Replaced {
        /// The number.
        vmid: Vmid,
        /// Whose guest the ledger has there.
        customer: CustomerId,
    },
    /// It is on another node.
    Moved {
        /// The guest.
        vmid: Vmid,
        /// Where the ledger has it.
        ledger: NodeName,
        /// Where it is.
        cluster: NodeName,
    },
    /// It has another hostname.
    Renamed {
        /// The guest.
        vmid: Vmid,
        /// As the ledger has it.
        ledger: Hostname,
        /// As it is.
        cluster: Option<Hostname>,
    },
    /// It is known by something else.
    Identity {
        /// The guest.
        vmid: Vmid,
        /// The kind.
        kind: IdentityKind,
        /// What the ledger has, as a person may see it.
        ledger: Vec<String>,
        /// What was seen.
        cluster: Vec<String>,
    },
    /// The ledger has struck the guest, and it is there.
    Struck {
        /// The guest.
        vmid: Vmid,
        /// The run in its mark.
        run: RunId,
        /// What the ledger says of it.
        state: GuestState,
    },
    /// It bears the mark of another guest: a copy of it, or the same under another number.
    Copied {
        /// The guest.
        vmid: Vmid,
        /// The guest that the ledger knows under this mark.
        of: Vmid,
    },
    /// It has a value that somebody else has a right to.
    Shared {
        /// The guest.
        vmid: Vmid,
        /// The value.
        what: String,
        /// Whose it is.
        holder: String,
    },
    /// It could not be looked at.
    Unread {
        /// The guest; none where it is about all.
        vmid: Option<Vmid>,
        /// What, and why not.
        why: String,
    },
}

impl Discrepancy {
    /// The guest that it is about.
    pub fn vmid(&self) -> Option<Vmid> {
        match self {
            Self::Unknown { vmid, .. }
            | Self::Gone { vmid, .. }
            | Self::Replaced { vmid, .. }
            | Self::Moved { vmid, .. }
            | Self::Renamed { vmid, .. }
            | Self::Identity { vmid, .. }
            | Self::Struck { vmid, .. }
            | Self::Copied { vmid, .. }
            | Self::Shared { vmid, .. } => Some(*vmid),
            Self::Unread { vmid, .. } => *vmid,
        }
    }

    /// Whether the ledger can follow the cluster here.
    pub fn can_be_accepted(&self) -> bool {
        !matches!(self, Self::Struck { .. } | Self::Copied { .. } | Self::Shared { .. } | Self::Unread { .. })
    }
}

impl fmt::Display for Discrepancy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |values: &[String]| if values.is_empty() { "nothing".to_owned() } else { values.join(", ") };
        match self {
            Self::Unknown { node, run, customer, .. } => {
                let customer = customer.as_ref().map_or("nobody that can be read", CustomerId::as_str);
                write!(f, "on {node}, for {customer}, bears the mark of run {run}; the ledger does not know it")
            }
            Self::Gone { customer, .. } => write!(f, "of customer {customer} is nowhere on the cluster"),
            Self::Replaced { customer, .. } => {
                write!(f, "does not bear the mark of customer {customer}'s guest: another one has its number")
            }
            Self::Moved { ledger, cluster, .. } => write!(f, "is on {cluster}, not on {ledger}"),
            Self::Renamed { ledger, cluster: Some(cluster), .. } => write!(f, "is called {cluster}, not {ledger}"),
            Self::Renamed { ledger, cluster: None, .. } => write!(f, "has no hostname, not {ledger}"),
            Self::Identity { kind, ledger, cluster, .. } => {
                write!(f, "{} is {}, not {}", kind.title(), list(cluster), list(ledger))
            }
            Self::Struck { run, state, .. } => {
                write!(
                    f,
                    "bears the mark of run {run}, whose guest is {state} in the ledger: look at it, remove it there"
                )
            }
            Self::Copied { of, .. } => {
                write!(f, "bears the mark of guest {of}: it is a copy, or has another number now")
            }
            Self::Shared { what, holder, .. } => write!(f, "{what} belongs to {holder}"),
            Self::Unread { why, .. } => f.write_str(why),
        }
    }
}

/// In what they differ. `kept` tells a value as the ledger keeps it, `struck` the state of a run's guest that is gone.
pub fn discrepancies(
    known: &[Known],
    sighted: &[Sighted],
    kept: impl Fn(&Identity) -> Identity,
    struck: &BTreeMap<RunId, GuestState>,
) -> Vec<Discrepancy> {
    let there: BTreeMap<Vmid, &Sighted> = sighted.iter().map(|seen| (seen.vmid, seen)).collect();
    let mut found = Vec::new();
    for known in known {
        match there.get(&known.guest.vmid) {
            None => found.push(Discrepancy::Gone { vmid: known.guest.vmid, customer: known.guest.customer.clone() }),
            Some(seen) => found.extend(of_guest(known, seen, &kept)),
        }
    }
    found.extend(sighted.iter().filter_map(|seen| unknown(known, seen, struck)));
    found.sort_by_key(Discrepancy::vmid);
    found
}

fn of_guest(known: &Known, seen: &Sighted, kept: impl Fn(&Identity) -> Identity) -> Vec<Discrepancy> {
    let guest = &known.guest;
    let vmid = guest.vmid;
    // What could not be read is told by whoever could not read it.
    let Some(config) = &seen.config else { return Vec::new() };
    if config.mark.as_ref().map(|mark| &mark.run) != Some(&guest.run) {
        return vec![Discrepancy::Replaced { vmid, customer: guest.customer.clone() }];
    }
    let mut found = Vec::new();
    if seen.node != guest.node {
        found.push(Discrepancy::Moved { vmid, ledger: guest.node.clone(), cluster: seen.node.clone() });
    }
    if !config.hostname.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case(guest.hostname.as_str())) {
        let (ledger, cluster) = (guest.hostname.clone(), config.hostname.clone());
        found.push(Discrepancy::Renamed { vmid, ledger, cluster });
    }
    let compared = |kind: &IdentityKind| {
        *kind == IdentityKind::Mac || (is_steady(kind) && seen.looked_into && known.is_recorded())
    };
    let seen: BTreeSet<Identity> = seen.identities.iter().map(kept).collect();
    let kinds: BTreeSet<&IdentityKind> = known.held.iter().chain(&seen).map(|identity| &identity.kind).collect();
    for kind in kinds.into_iter().filter(|kind| compared(kind)) {
        let of = |values: &BTreeSet<Identity>| -> BTreeSet<Identity> {
            values.iter().filter(|identity| identity.kind == *kind).cloned().collect()
        };
        let (ledger, cluster) = (of(&known.held), of(&seen));
        if ledger != cluster {
            let shown = |values: &BTreeSet<Identity>| values.iter().map(Identity::shown).collect();
            let (ledger, cluster) = (shown(&ledger), shown(&cluster));
            found.push(Discrepancy::Identity { vmid, kind: kind.clone(), ledger, cluster });
        }
    }
    found
}

/// A guest with a mark of ours that is no live guest of the ledger.
fn unknown(known: &[Known], seen: &Sighted, struck: &BTreeMap<RunId, GuestState>) -> Option<Discrepancy> {
    let Configured { mark, .. } = seen.config.as_ref()?;
    let mark = mark.as_ref()?;
    let vmid = seen.vmid;
    if let Some(known) = known.iter().find(|known| known.guest.run == mark.run) {
        return (known.guest.vmid != vmid).then_some(Discrepancy::Copied { vmid, of: known.guest.vmid });
    }
    Some(match struck.get(&mark.run) {
        Some(state) => Discrepancy::Struck { vmid, run: mark.run.clone(), state: *state },
        None => Discrepancy::Unknown {
            vmid,
            node: seen.node.clone(),
            run: mark.run.clone(),
            customer: mark.customer.clone(),
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::mark::Mark;

    fn run(n: u32) -> RunId {
        format!("00000000-0000-7000-8000-{n:012}").parse().unwrap()
    }

    fn identity(kind: IdentityKind, value: &str) -> Identity {
        Identity::new(kind, value)
    }

    fn known(n: u32, held: &[Identity]) -> Known {
        let guest = serde_json::from_value(json!({
            "id": n, "customer": format!("c{n}"), "vmid": 100 + n, "node": "pve", "hostname": format!("c{n}"), "golden": "g",
            "run": run(n), "state": "active", "created_at": "", "updated_at": ""
        }));
        Known { guest: guest.unwrap(), held: held.iter().cloned().collect() }
    }

    fn seen(n: u32, identities: &[Identity]) -> Sighted {
        let customer = format!("c{n}").parse().ok();
        let mark = Some(Mark { run: run(n), customer, golden: "g".into() });
        Sighted {
            vmid: Vmid::try_from(100 + n).unwrap(),
            node: "pve".parse().unwrap(),
            config: Some(Configured { mark, hostname: format!("C{n}").parse().ok() }),
            identities: identities.iter().cloned().collect(),
            looked_into: true,
        }
    }

    /// Values are kept in capitals here.
    fn told(known: &[Known], sighted: &[Sighted]) -> Vec<String> {
        let kept = |identity: &Identity| Identity { value: identity.value.to_uppercase(), ..identity.clone() };
        let struck = BTreeMap::from([(run(9), GuestState::Destroyed)]);
        let found = discrepancies(known, sighted, kept, &struck);
        found.iter().map(|found| format!("{} {found}", found.vmid().unwrap())).collect()
    }

    fn mac(n: u32) -> Identity {
        identity(IdentityKind::Mac, &format!("BC:24:11:00:00:{n:02X}"))
    }

    #[test]
    fn what_is_as_it_was_is_no_difference() {
        let id = |value| identity(IdentityKind::DockerEngineId, value);
        let held = [mac(1), id("ABCD"), identity(IdentityKind::ContentOf("random-seed".into()), "OLD")];
        let sighted = [mac(1), id("abcd"), identity(IdentityKind::ContentOf("random-seed".into()), "new")];
        assert_eq!(told(&[known(1, &held)], &[seen(1, &sighted)]), [] as [&str; 0]);
        let stranger = Sighted { config: Some(Configured { mark: None, hostname: None }), ..seen(2, &[]) };
        assert_eq!(told(&[], &[stranger]), [] as [&str; 0], "a guest without a mark is none of ours");
    }

    #[test]
    fn every_kind_of_difference_has_its_sentence() {
        let moved = Sighted { node: "pve2".parse().unwrap(), ..seen(1, &[mac(7)]) };
        assert_eq!(
            told(&[known(1, &[mac(1)])], &[moved]),
            ["101 is on pve2, not on pve", "101 MAC address is BC:24:11:00:00:07, not BC:24:11:00:00:01"]
        );
        let mut renamed = seen(1, &[mac(1)]);
        renamed.config.as_mut().unwrap().hostname = "other".parse().ok();
        assert_eq!(told(&[known(1, &[mac(1)])], &[renamed]), ["101 is called other, not c1"]);
        assert_eq!(told(&[known(1, &[])], &[]), ["101 of customer c1 is nowhere on the cluster"]);
        let mut other = seen(1, &[]);
        other.config.as_mut().unwrap().mark = None;
        assert_eq!(
            told(&[known(1, &[])], &[other]),
            ["101 does not bear the mark of customer c1's guest: another one has its number"]
        );
        let unknown = format!("102 on pve, for c2, bears the mark of run {}; the ledger does not know it", run(2));
        assert_eq!(told(&[], &[seen(2, &[])]), [unknown]);
        assert!(told(&[], &[seen(9, &[])])[0].contains("whose guest is destroyed in the ledger"));
        let copy = Sighted { vmid: Vmid::try_from(150).unwrap(), ..seen(1, &[]) };
        assert_eq!(
            told(&[known(1, &[])], &[seen(1, &[]), copy]),
            ["150 bears the mark of guest 101: it is a copy, or has another number now"]
        );
    }

    #[test]
    fn what_nobody_looked_at_does_not_differ() {
        let held = [mac(1), identity(IdentityKind::DockerEngineId, "ABCD")];
        let from_outside = Sighted { looked_into: false, ..seen(1, &[mac(1)]) };
        assert_eq!(told(&[known(1, &held)], &[from_outside]), [] as [&str; 0]);
        let unread = Sighted { config: None, looked_into: false, ..seen(1, &[]) };
        assert_eq!(told(&[known(1, &held)], &[unread]), [] as [&str; 0]);
        assert_eq!(told(&[known(1, &held)], &[seen(1, &[mac(1)])]), ["101 Docker engine-id is nothing, not ABCD"]);
    }
}
