//! What must hold for every row.

use std::collections::BTreeSet;

use super::*;

fn items() -> impl Iterator<Item = &'static super::Item> {
    Catalog::builtin().items()
}

#[test]
fn ids_are_unique_and_rows_are_complete() {
    let mut seen = BTreeSet::new();
    for item in items() {
        assert!(seen.insert(item.id), "{} stands twice", item.id);
        assert!(item.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", item.id);
        assert!(!item.because.is_empty() && !item.rows.is_empty(), "{}", item.id);
        assert!(item.places.is_empty() == (item.reading == Reading::Nothing), "{}", item.id);
        assert!((1..=4).contains(&item.severity), "{}", item.id);
    }
}

#[test]
fn places_are_places() {
    for item in items().filter(|item| item.in_tree()) {
        for place in item.places.iter().chain(item.except) {
            assert_eq!(place_fault(place), None, "{}: {place}", item.id);
        }
        // What is read line by line is read file by file.
        let by_file = matches!(item.reading, Reading::Lines(_)) || matches!(item.in_image, ImageRule::Rewritten(_));
        assert!(!by_file || item.places.iter().all(|place| !place.ends_with("/**")), "{}", item.id);
        let literal = matches!(item.in_image, ImageRule::Empty | ImageRule::AbsentOrLink(_));
        assert!(!literal || item.places.iter().all(|place| !place.contains(['*', '?', '~'])), "{}", item.id);
    }
}

#[test]
fn s4_36_every_unique_item_has_an_owner_who_renews_it() {
    for item in items().filter(|item| item.unique) {
        assert_ne!(item.renewed_by, Renewer::Nobody, "{} must differ but nobody renews it", item.id);
        assert_ne!(item.reading, Reading::Presence, "{} must differ but has no comparable value", item.id);
    }
}

#[test]
fn rows_name_rows_that_exist_and_come_after_them() {
    let order: Vec<&str> = items().map(|item| item.id).collect();
    let at = |id: &str| order.iter().position(|known| *known == id);
    for (position, item) in items().enumerate() {
        let parent = if let Renewer::Derived(parent) = item.renewed_by { Some(parent) } else { None };
        for named in item.second_copies.iter().chain(item.derives).chain(item.after).copied().chain(parent) {
            assert!(at(named).is_some(), "{} names {named}, which is no item", item.id);
        }
        for before in item.after {
            assert!(at(before) < Some(position), "{} goes before {before}", item.id);
        }
        for derived in item.derives {
            assert!(at(derived) > Some(position), "{} goes after {derived}, which follows it", item.id);
        }
    }
}

#[test]
fn each_sample_of_a_place_is_its_own_item() {
    for item in items().filter(|item| item.in_tree()) {
        for place in item.places {
            for glob in Glob::of(place) {
                let sample = glob.sample();
                let claims = Catalog::builtin().claims(sample.as_bytes());
                let own = claims.at.iter().any(|claimed| claimed.id == item.id)
                    || claims.below.is_some_and(|(claimed, _)| claimed.id == item.id);
                assert!(own, "{}: {sample} belongs to {:?}", item.id, claims.item().map(|other| other.id));
            }
        }
    }
}

#[test]
fn paths_find_their_items() {
    let id = |path: &str| Catalog::builtin().covers(path).map(|item| item.id);
    assert_eq!(id("/etc/machine-id"), Some("machine-id"));
    assert_eq!(id("etc/ssh/ssh_host_ed25519_key.pub"), Some("ssh-host-keys"));
    assert_eq!(id("home/ann/.ssh/authorized_keys"), Some("authorized-keys"));
    assert_eq!(id("tmp/left/over"), Some("temporary-files"));
    assert_eq!((id("etc/ssh/sshd_config"), id("tmp"), id("")), (None, None, None));
    // The inner of two trees counts, and what lies in a directory at a place belongs to it.
    assert_eq!(id("var/log/journal/abc/system.journal"), Some("journal"));
    assert_eq!(id("var/log/syslog"), Some("logs"));
    assert_eq!(id("var/backups/directory/file"), Some("account-backups"));
    // A row that looks at single lines does not answer for the file.
    assert_eq!((id("/etc/default/daemon"), id("/etc/environment")), (None, None));
    assert!(Catalog::builtin().claims(b"/etc/default/daemon").item().is_some());
}

#[test]
fn every_row_of_the_survey_is_there() {
    let covered: BTreeSet<u16> = items().flat_map(|item| item.rows).copied().collect();
    let missing: Vec<u16> = (1..=220).filter(|row| !covered.contains(row)).collect();
    assert_eq!(missing, [] as [u16; 0]);
    assert!(covered.iter().all(|row| (1..=220).contains(row)));
    assert!(items().count() >= 200, "{} rows", items().count());
}
