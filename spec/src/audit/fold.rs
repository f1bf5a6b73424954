//! A value that is shared only because its parent is shared is told once, with its parent.

use std::collections::{BTreeMap, BTreeSet};

use super::roster::HolderId;
use super::sharing::Sharing;
use crate::report::{Class, Derivation};

/// Puts derived values under their parents. One whose holders do not share the parent stands for itself.
pub(super) fn fold(sharing: Vec<Sharing>) -> Vec<Sharing> {
    let (derived, mut whole): (Vec<Sharing>, Vec<Sharing>) =
        sharing.into_iter().partition(|shared| shared.parent().is_some() && shared.class != Class::GoldenLeak);
    let parents = by_holder(&whole);
    for child in derived {
        match parent_of(&child, &whole, &parents) {
            Some(at) => {
                let derivation = Derivation { kind: child.kind.to_string(), value: child.shown() };
                whole[at].derived.push(derivation);
            }
            None => whole.push(child),
        }
    }
    whole
}

/// Where a guest's shared machine-ids and MACs stand.
fn by_holder(sharing: &[Sharing]) -> BTreeMap<HolderId, Vec<usize>> {
    let mut places: BTreeMap<HolderId, Vec<usize>> = BTreeMap::new();
    for (at, shared) in sharing.iter().enumerate() {
        let is_parent = super::sighting::Parent::ALL.iter().any(|parent| parent.item() == shared.item);
        if is_parent && shared.class != Class::GoldenLeak {
            for held in &shared.holders {
                places.entry(held.holder).or_default().push(at);
            }
        }
    }
    places
}

fn parent_of(child: &Sharing, sharing: &[Sharing], places: &BTreeMap<HolderId, Vec<usize>>) -> Option<usize> {
    let item = child.parent()?.item();
    let holders: BTreeSet<HolderId> = child.holders.iter().map(|held| held.holder).collect();
    let covers = |at: &&usize| {
        let of: BTreeSet<HolderId> = sharing[**at].holders.iter().map(|held| held.holder).collect();
        sharing[**at].item == item && holders.is_subset(&of)
    };
    places.get(holders.first()?)?.iter().find(covers).copied()
}
