//! How far a shared value reaches: segments and tenants.

use std::collections::{BTreeMap, BTreeSet};

use super::roster::{Roster, Wire};
use super::seen::Held;
use super::subject::Subject;
use crate::identity::IdentityKind;
use crate::report::{Reach, Together};

/// The segment on which a guest has an address: that of its NIC, or of its only one.
pub(super) fn wire_of(roster: &Roster, held: Held) -> Option<Wire> {
    let nics = roster.nics(held.holder);
    match (held.mark.nic(), nics) {
        (Some(index), _) => nics.iter().find(|(nic, _)| *nic == index).map(|(_, wire)| *wire),
        (None, [(_, wire)]) => Some(*wire),
        (None, _) => None,
    }
}

/// A segment as a report names it.
pub(super) fn wire_name(roster: &Roster, wire: Wire) -> String {
    let cluster = wire.cluster.map(|name| format!("{}/", roster.text(name))).unwrap_or_default();
    let tag = wire.tag.map(|tag| format!(".{tag}")).unwrap_or_default();
    format!("{cluster}{}{tag}", roster.text(wire.bridge))
}

/// How far a value of these holders reaches.
pub(super) fn of(roster: &Roster, holders: &[Held], subject: &Subject) -> Reach {
    let on_a_nic = matches!(subject.kind, IdentityKind::Mac | IdentityKind::Ip);
    let mut guests_on: BTreeMap<Wire, usize> = BTreeMap::new();
    let mut is_blind = false;
    for held in holders {
        let one = if on_a_nic { wire_of(roster, *held) } else { None };
        let wires: BTreeSet<Wire> = match one {
            Some(wire) => [wire].into(),
            None => roster.nics(held.holder).iter().map(|(_, wire)| *wire).collect(),
        };
        is_blind |= wires.is_empty();
        for wire in wires {
            *guests_on.entry(wire).or_default() += 1;
        }
    }
    let clusters: BTreeSet<_> = holders.iter().map(|held| roster.cluster(held.holder)).collect();
    let together = match () {
        () if guests_on.values().any(|guests| *guests > 1) => Together::Wire,
        () if is_blind => Together::Unknown,
        () if clusters.len() > 1 => Together::Apart,
        () => Together::Cluster,
    };
    let tenants: BTreeSet<&str> =
        holders.iter().filter_map(|held| roster.tenant(held.holder)).map(|name| roster.text(name)).collect();
    Reach {
        together,
        wires: guests_on.into_keys().map(|wire| wire_name(roster, wire)).collect(),
        tenants: tenants.into_iter().map(str::to_owned).collect(),
    }
}

/// A MAC address does its harm on one segment; elsewhere it waits for a migration or a bridge that joins them.
pub(super) fn is_harmless_yet(subject: &Subject, reach: &Reach) -> bool {
    subject.kind == IdentityKind::Mac && matches!(reach.together, Together::Cluster | Together::Apart)
}
