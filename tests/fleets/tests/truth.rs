//! Everything that was planted is found, and nothing else.

use std::collections::BTreeSet;

use fleets::{Fleet, Plant, Profile, found, judge};

/// A thousand fleets of some two hundred guests; each has a sixth of it planted.
#[test]
fn s4_22_q26_all_that_was_planted_is_found_and_nothing_else() {
    let mut planted = BTreeSet::new();
    let mut findings = 0;
    for seed in 0..1_000 {
        let fleet = Fleet::new(seed, 180 + seed % 41, Profile::Usual);
        let (truth, found) = (fleet.truth(), found(&judge(&fleet)));
        let missed: Vec<_> = truth.iter().filter(|(key, guests)| found.get(*key) != Some(*guests)).collect();
        let invented: Vec<_> = found.iter().filter(|(key, guests)| truth.get(*key) != Some(*guests)).collect();
        assert!(missed.is_empty() && invented.is_empty(), "seed {seed}: missed {missed:#?}\ninvented {invented:#?}");
        findings += found.len();
        planted.extend(fleet.plants().cloned());
    }
    let all: BTreeSet<Plant> = Plant::all().into_iter().collect();
    let never = all.iter().filter(|plant| !planted.contains(*plant) && !matches!(plant, Plant::SharedPrime(_)));
    assert_eq!(never.collect::<Vec<_>>(), [] as [&Plant; 0], "never planted");
    println!("{findings} findings in 1,000 fleets, {} kinds of plants", all.len());
}

/// Every row of the catalog at every guest.
#[test]
fn every_row_of_the_catalog_is_judged() {
    for seed in 0..10 {
        let fleet = Fleet::new(seed, 600, Profile::Every);
        assert_eq!(found(&judge(&fleet)), fleet.truth(), "seed {seed}");
    }
}

#[test]
fn a_fleet_is_its_seed() {
    let one = |seed| judge(&Fleet::new(seed, 120, Profile::Usual)).findings;
    assert_eq!(one(7), one(7));
    assert_ne!(one(7), one(8));
}
