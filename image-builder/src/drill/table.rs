//! The three columns: as restored, after reset, after boot; and after the second boot, since an identity stays.

use std::collections::{BTreeMap, BTreeSet};

use spec::identity::{Expected, Finding, Identity, IdentityKind, Kept, Observation, Seen, Verdict, judge_guest};
use spec::ids::{Hostname, MacAddr};
use spec::pct::PctConf;
use spec::release::Manifest;

use super::order::Drill;
use super::report::{ItemRow, TwinFacts};

/// The kinds whose value must be the same after a second boot. A seed, for one, must not.
fn stays(kind: &IdentityKind) -> bool {
    match kind {
        IdentityKind::ContentOf(item) => item != "random-seed",
        IdentityKind::Ip => false,
        _ => true,
    }
}

/// What was seen of the twins.
pub(super) struct Columns<'c> {
    /// In the tree as it came from the archive.
    pub(super) restored: &'c [Observation],
    /// After the first boot of each.
    pub(super) booted: &'c [Vec<Observation>; 2],
    /// After the second.
    pub(super) rebooted: &'c [Vec<Observation>; 2],
    /// The NICs of each.
    pub(super) nics: &'c [Vec<(u8, String, MacAddr)>; 2],
}

/// An item and its place.
type Key<'c> = (&'c str, &'c str);

/// One row for each item at each place where anything ever was, or where something is wrong.
pub(super) fn rows(drill: &Drill<'_>, twins: &[TwinFacts; 2], columns: &Columns<'_>) -> Vec<ItemRow> {
    let findings = [0, 1].map(|twin| {
        let expected = expected(drill.manifest, &twins[twin].hostname, &columns.rebooted[1 - twin]);
        judge_guest(drill.catalog, &columns.rebooted[twin], &expected)
    });
    let mut rows = configured(drill.manifest, twins, columns);
    let kept = kept(drill.manifest);
    let all = [columns.restored].into_iter().chain(columns.booted.iter().chain(columns.rebooted).map(Vec::as_slice));
    let keys: BTreeSet<Key<'_>> = all.flatten().map(|seen| (seen.item.as_str(), seen.place.as_str())).collect();
    let rows_of_items = keys.into_iter().map(|key| row(key, columns, &findings, &kept));
    rows.extend(rows_of_items.filter(|row| row.verdict != Verdict::Pass || was_there(row)));
    rows
}

/// What a twin must be: not the golden, and not the other twin.
fn expected(manifest: &Manifest, hostname: &Hostname, other: &[Observation]) -> Expected {
    let taken = other.iter().filter_map(|seen| seen.seen.identity()).cloned();
    Expected {
        hostname: hostname.clone(),
        forbidden: manifest.forbidden.iter().cloned().collect(),
        taken: taken.map(|identity| (identity, "the other twin".to_owned())).collect::<BTreeMap<Identity, String>>(),
    }
}

fn row(key: Key<'_>, columns: &Columns<'_>, findings: &[Vec<Finding>; 2], kept: &[Kept]) -> ItemRow {
    let words = |seen: &[Observation]| at(key, seen).map_or_else(|| "absent".to_owned(), Seen::in_words);
    let (verdict, why) = match kept.iter().find(|kept| kept.item == key.0) {
        Some(kept) => (Verdict::Skipped, format!("kept by the recipe: {}", kept.reason)),
        None => judged(key, columns, findings),
    };
    let as_restored = words(columns.restored);
    ItemRow {
        item: key.0.to_owned(),
        place: key.1.to_owned(),
        after_reset: as_restored.clone(),
        as_restored,
        after_boot: columns.booted.each_ref().map(|seen| words(seen)),
        after_second_boot: columns.rebooted.each_ref().map(|seen| words(seen)),
        verdict,
        why,
    }
}

/// The worse twin's finding, or that a value did not stay.
fn judged(key: Key<'_>, columns: &Columns<'_>, findings: &[Vec<Finding>; 2]) -> (Verdict, String) {
    for (before, after) in columns.booted.iter().zip(columns.rebooted) {
        let (before, after) = (at(key, before).and_then(Seen::identity), at(key, after).and_then(Seen::identity));
        if let (Some(before), Some(after)) = (before, after)
            && before != after
            && stays(&before.kind)
        {
            return (Verdict::Fail, "it is another one after the second boot".to_owned());
        }
    }
    let here = findings.iter().flatten().filter(|finding| (finding.item.as_str(), finding.place.as_str()) == key);
    here.max_by_key(|finding| finding.verdict)
        .map_or((Verdict::Pass, "absent".to_owned()), |finding| (finding.verdict, finding.why.clone()))
}

fn at<'o>(key: Key<'_>, seen: &'o [Observation]) -> Option<&'o Seen> {
    seen.iter().find(|seen| (seen.item.as_str(), seen.place.as_str()) == key).map(|seen| &seen.seen)
}

fn was_there(row: &ItemRow) -> bool {
    let columns = [&row.as_restored].into_iter().chain(&row.after_boot).chain(&row.after_second_boot);
    columns.into_iter().any(|words| words != "absent" && words != "empty")
}

/// Identities that the configuration gives: what the archive carries, and what each twin was given.
fn configured(manifest: &Manifest, twins: &[TwinFacts; 2], columns: &Columns<'_>) -> Vec<ItemRow> {
    let archived = PctConf::parse(&manifest.config);
    let nets = archived.nets().unwrap_or_default();
    let macs = nets.iter().map(|(number, net)| {
        let own = net.hwaddr().map_or_else(|| "none".to_owned(), |mac| mac.to_string());
        let given = columns.nics.each_ref().map(|nics| {
            nics.iter().find(|(of, ..)| of == number).map_or_else(String::new, |(_, _, mac)| mac.to_string())
        });
        assigned("mac", &format!("net{number}"), own, given)
    });
    let name = archived.get("hostname").unwrap_or("none").to_owned();
    let hostname = assigned("hostname", "hostname", name, twins.each_ref().map(|twin| twin.hostname.to_string()));
    macs.chain([hostname]).collect()
}

/// What the node was told, and keeps: that it arrives inside is a check of its own.
fn assigned(item: &str, place: &str, archived: String, given: [String; 2]) -> ItemRow {
    let differ = given[0] != given[1] && given.iter().all(|value| !value.eq_ignore_ascii_case(&archived));
    ItemRow {
        item: item.to_owned(),
        place: place.to_owned(),
        as_restored: archived,
        after_reset: given.join("\n"),
        after_boot: given.clone(),
        after_second_boot: given,
        verdict: if differ { Verdict::Pass } else { Verdict::Fail },
        why: if differ { "each has its own".to_owned() } else { "they are not different from each other".to_owned() },
    }
}

/// What the recipe left in the golden on purpose.
fn kept(manifest: &Manifest) -> Vec<Kept> {
    let skipped = manifest.findings.iter().filter(|finding| finding.verdict == Verdict::Skipped);
    skipped.map(|finding| Kept { item: finding.item.clone(), reason: finding.why.clone() }).collect()
}
