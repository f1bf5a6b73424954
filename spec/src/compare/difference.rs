//! Two tables held against each other.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::facts::{Aspect, Facts};

/// Weights that are told.
const MOST_WEIGHTS: usize = 10;

/// What became of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// New, with its value.
    pub added: BTreeMap<String, String>,
    /// Gone, with its last value.
    pub removed: BTreeMap<String, String>,
    /// Another value: before and after.
    pub changed: BTreeMap<String, (String, String)>,
}

/// A package's bytes before and after; nought where it is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Weight {
    /// The package.
    pub package: String,
    /// Bytes before.
    pub before: u64,
    /// Bytes after.
    pub after: u64,
}

/// What two goldens differ in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The one before.
    pub before: String,
    /// The one after.
    pub after: String,
    /// Bytes of the archives.
    pub archive_bytes: (u64, u64),
    /// Bytes of the trees.
    pub tree_bytes: (u64, u64),
    /// Every aspect that both were looked at for.
    pub aspects: BTreeMap<Aspect, Changes>,
    /// Aspects that one of them was not looked at for: whether they differ there is not known.
    pub unknown: Vec<Aspect>,
    /// The packages whose weight changed most.
    pub weights: Vec<Weight>,
}

impl Changes {
    fn of(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Self {
        let only = |these: &BTreeMap<String, String>, those: &BTreeMap<String, String>| {
            let only = these.iter().filter(|(key, _)| !those.contains_key(*key));
            only.map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        let both = before.iter().filter_map(|(key, old)| Some((key, old, after.get(key)?)));
        let changed = both.filter(|(_, old, new)| old != new);
        Self {
            added: only(after, before),
            removed: only(before, after),
            changed: changed.map(|(key, old, new)| (key.clone(), (old.clone(), new.clone()))).collect(),
        }
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    /// One line for each change.
    pub fn lines(&self) -> Vec<(&'static str, String, String)> {
        let added = self.added.iter().map(|(key, value)| ("added", key.clone(), value.clone()));
        let removed = self.removed.iter().map(|(key, value)| ("removed", key.clone(), value.clone()));
        let changed = self.changed.iter().map(|(key, (old, new))| ("changed", key.clone(), format!("{old} → {new}")));
        added.chain(removed).chain(changed).collect()
    }
}

impl Difference {
    /// Holds two goldens against each other.
    pub fn of(before: &Facts, after: &Facts) -> Self {
        let tables = |aspect: &Aspect| Some((before.tables.get(aspect)?, after.tables.get(aspect)?));
        let aspects = Aspect::ALL.iter().filter_map(|aspect| Some((*aspect, tables(aspect)?)));
        Self {
            before: before.title.clone(),
            after: after.title.clone(),
            archive_bytes: (before.archive_bytes, after.archive_bytes),
            tree_bytes: (before.tree_bytes, after.tree_bytes),
            aspects: aspects.map(|(aspect, (old, new))| (aspect, Changes::of(old, new))).collect(),
            unknown: Aspect::ALL.into_iter().filter(|aspect| tables(aspect).is_none()).collect(),
            weights: weights(&before.weights, &after.weights),
        }
    }

    /// Whether they differ in nothing that was looked at.
    pub fn is_empty(&self) -> bool {
        self.aspects.values().all(Changes::is_empty) && self.weights.is_empty()
    }
}

fn weights(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) -> Vec<Weight> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let bytes = |sums: &BTreeMap<String, u64>, name: &String| sums.get(name).copied().unwrap_or(0);
    let weights = names.into_iter().map(|package| Weight {
        package: package.clone(),
        before: bytes(before, package),
        after: bytes(after, package),
    });
    let mut weights: Vec<Weight> = weights.filter(|weight| weight.before != weight.after).collect();
    weights.sort_by_key(|weight| std::cmp::Reverse(weight.before.abs_diff(weight.after)));
    weights.truncate(MOST_WEIGHTS);
    weights
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::compare) fn facts(title: &str, packages: &[(&str, &str)], users: Option<&[(&str, &str)]>) -> Facts {
        let table = |rows: &[(&str, &str)]| rows.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let mut tables = BTreeMap::from([(Aspect::Packages, table(packages))]);
        tables.extend(users.map(|users| (Aspect::Users, table(users))));
        let weights = packages.iter().map(|(name, version)| ((*name).to_owned(), version.len() as u64)).collect();
        Facts { title: title.into(), archive_bytes: 1 << 20, tree_bytes: 2 << 20, tables, weights }
    }

    #[test]
    fn what_came_went_and_changed_is_told_and_what_nobody_looked_at_is_unknown() {
        let before = facts("a@1", &[("bash", "5.1"), ("gone", "1")], None);
        let after = facts("a@2", &[("bash", "5.2.1"), ("new", "1")], Some(&[("root", "0")]));
        let difference = Difference::of(&before, &after);
        let packages = &difference.aspects[&Aspect::Packages];
        assert_eq!(packages.changed["bash"], ("5.1".to_owned(), "5.2.1".to_owned()));
        assert_eq!((packages.added.len(), packages.removed.len()), (1, 1));
        assert!(difference.unknown.contains(&Aspect::Users) && !difference.aspects.contains_key(&Aspect::Users));
        assert_eq!(difference.weights[0].package, "bash");
        assert!(!difference.is_empty() && Difference::of(&after, &after).is_empty());
    }
}
