//! Observations held against the catalog: pure, the same for an image, a guest and a fleet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::catalog::{Catalog, GuestRule, ImageRule, Item, MachineIdState, Reading, Rewrite};
use super::observation::{Observation, Seen};
use super::value::Identity;
use crate::ids::Hostname;

/// What a check says. Not having looked is never the same as having found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Looked, and it is as it must be.
    Pass,
    /// Not looked at on purpose; the finding says why.
    Skipped,
    /// Could not be looked at.
    Unverified,
    /// Looked, and it is not as it must be.
    Fail,
}

/// One judged place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The catalog item's id.
    pub item: String,
    /// Where.
    pub place: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in words: what was seen and what it means.
    pub why: String,
}

/// An item that a recipe leaves in its golden on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The catalog item's id.
    pub item: String,
    /// Why it may stay.
    pub reason: String,
}

/// What a provisioned guest must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The hostname that was asked for.
    pub hostname: Hostname,
    /// Values that belong to the golden.
    pub forbidden: Vec<Identity>,
    /// Values that somebody else has or had, with the holder's name.
    pub taken: BTreeMap<Identity, String>,
}

/// The verdict over all findings: the worst one, and [`Verdict::Fail`] when nothing was checked at all.
pub fn overall(findings: &[Finding]) -> Verdict {
    let checked = findings.iter().any(|f| f.verdict != Verdict::Skipped);
    if checked { findings.iter().map(|f| f.verdict).max().unwrap_or(Verdict::Fail) } else { Verdict::Fail }
}

/// Judges the tree of a golden: nothing of the catalog may be left but what `kept` names.
///
/// Items that [`Item::unjudged`] explains have no finding: those of the configuration are judged with it, others follow
/// their parents or may be the same everywhere.
pub fn judge_image(
    catalog: &Catalog,
    observations: &[Observation],
    machine_id: MachineIdState,
    kept: &[Kept],
) -> Vec<Finding> {
    let by_item = group(observations);
    catalog
        .looked_at()
        .flat_map(|item| match kept.iter().find(|k| k.item == item.id) {
            Some(kept) => {
                vec![finding(
                    item,
                    item.first_place(),
                    Verdict::Skipped,
                    format!("kept by the recipe: {}", kept.reason),
                )]
            }
            None => judge_places(item, &by_item, |seen| image_verdict(item, machine_id, seen)),
        })
        .collect()
}

/// Judges what a guest has become: everything it must have is there, and nothing of it is anybody else's.
pub fn judge_guest(catalog: &Catalog, observations: &[Observation], expected: &Expected) -> Vec<Finding> {
    let by_item = group(observations);
    let judged = |item| judge_places(item, &by_item, |seen| guest_verdict(item, expected, seen));
    catalog.looked_at().flat_map(judged).collect()
}

fn group(observations: &[Observation]) -> BTreeMap<&str, Vec<&Observation>> {
    let mut by_item: BTreeMap<&str, Vec<&Observation>> = BTreeMap::new();
    for observation in observations {
        by_item.entry(&observation.item).or_default().push(observation);
    }
    by_item
}

fn judge_places(
    item: &'static Item,
    by_item: &BTreeMap<&str, Vec<&Observation>>,
    verdict: impl Fn(&Seen) -> (Verdict, String),
) -> Vec<Finding> {
    let Some(observations) = by_item.get(item.id) else {
        return vec![finding(item, item.first_place(), Verdict::Unverified, "nobody looked".to_owned())];
    };
    let judged = observations.iter().map(|observation| {
        let (verdict, why) = match &observation.seen {
            Seen::Unreadable { why } => (Verdict::Unverified, format!("could not be read: {why}")),
            seen => verdict(seen),
        };
        finding(item, &observation.place, verdict, why)
    });
    judged.collect()
}

fn image_verdict(item: &Item, machine_id: MachineIdState, seen: &Seen) -> (Verdict, String) {
    if item.in_image == ImageRule::Report {
        return (Verdict::Pass, format!("told, not judged: {}", seen.in_words()));
    }
    let clean = match (item.in_image, seen) {
        (ImageRule::Empty, Seen::Empty) => machine_id == MachineIdState::Empty,
        (ImageRule::Empty, Seen::Present { note: Some(note), .. }) => {
            machine_id == MachineIdState::Uninitialized && note == "uninitialized"
        }
        (ImageRule::AbsentOrLink(wanted), Seen::Link { target }) => target == wanted,
        (ImageRule::Empty, _) => false,
        (ImageRule::LinksOnly | ImageRule::Rewritten(Rewrite::Emptied), Seen::Link { .. })
        | (ImageRule::DirectoriesOnly | ImageRule::Rewritten(_), Seen::Empty)
        | (_, Seen::Absent) => true,
        // A file without one of the lines that matter, or a name of a file that is looked at elsewhere.
        (_, Seen::Empty | Seen::Link { .. }) => matches!(item.reading, Reading::Lines(_) | Reading::Names(_)),
        _ => false,
    };
    if clean {
        (Verdict::Pass, seen.in_words())
    } else {
        (Verdict::Fail, format!("{}; {}", seen.in_words(), item.because))
    }
}

fn guest_verdict(item: &Item, expected: &Expected, seen: &Seen) -> (Verdict, String) {
    match (item.in_guest, seen) {
        (_, Seen::Identity { identity, .. }) => identity_verdict(item, expected, identity),
        (GuestRule::Present, _) => (Verdict::Fail, format!("{}, but a guest needs one", seen.in_words())),
        (_, Seen::Malformed { why }) if item.unique => (Verdict::Fail, format!("malformed: {why}")),
        (GuestRule::Absent, Seen::Absent | Seen::Empty) | (GuestRule::MayExist, _) => (Verdict::Pass, seen.in_words()),
        (GuestRule::Absent, _) => (Verdict::Fail, format!("{}; {}", seen.in_words(), item.because)),
    }
}

fn identity_verdict(item: &Item, expected: &Expected, identity: &Identity) -> (Verdict, String) {
    let shown = format!("{} {}", identity.kind.title(), identity.shown());
    if expected.forbidden.contains(identity) {
        return (Verdict::Fail, format!("{shown} is the golden's: {}", item.because));
    }
    if let Some(holder) = expected.taken.get(identity) {
        return (Verdict::Fail, format!("{shown} is {holder}'s: {}", item.because));
    }
    if item.reading == Reading::Hostname && identity.value != expected.hostname.short().to_ascii_lowercase() {
        return (Verdict::Fail, format!("{shown}, but {} was asked for", expected.hostname.short()));
    }
    (Verdict::Pass, shown)
}

fn finding(item: &Item, place: &str, verdict: Verdict, why: String) -> Finding {
    Finding { item: item.id.to_owned(), place: place.to_owned(), verdict, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::value::IdentityKind;

    fn everything_absent() -> Vec<Observation> {
        Catalog::builtin()
            .looked_at()
            .map(|item| Observation {
                item: item.id.to_owned(),
                place: item.first_place().to_owned(),
                seen: if item.in_image == ImageRule::Empty { Seen::Empty } else { Seen::Absent },
            })
            .collect()
    }

    fn with(item: &str, seen: Seen) -> Vec<Observation> {
        let mut all = everything_absent();
        all.iter_mut().find(|o| o.item == item).unwrap().seen = seen;
        all
    }

    fn failing(findings: &[Finding]) -> Vec<&str> {
        findings.iter().filter(|f| f.verdict == Verdict::Fail).map(|f| f.item.as_str()).collect()
    }

    #[test]
    fn a_clean_image_passes_and_nothing_checked_does_not() {
        let findings = judge_image(Catalog::builtin(), &everything_absent(), MachineIdState::Empty, &[]);
        assert_eq!(overall(&findings), Verdict::Pass);
        assert_eq!(overall(&[]), Verdict::Fail);
        assert_eq!(overall(&judge_image(Catalog::builtin(), &[], MachineIdState::Empty, &[])), Verdict::Unverified);
    }

    #[test]
    fn s4_12_only_an_empty_machine_id_passes_by_default() {
        let valid = Identity::new(IdentityKind::MachineId, "0123456789abcdef0123456789abcdef");
        let uninitialized = Seen::Present { bytes: 14, note: Some("uninitialized".into()) };
        let cases = [
            (Seen::Absent, MachineIdState::Empty, false),
            (Seen::Empty, MachineIdState::Empty, true),
            (uninitialized.clone(), MachineIdState::Empty, false),
            (Seen::Identity { identity: valid, modified: None }, MachineIdState::Empty, false),
            (uninitialized, MachineIdState::Uninitialized, true),
            (Seen::Empty, MachineIdState::Uninitialized, false),
        ];
        for (seen, state, passes) in cases {
            let findings = judge_image(Catalog::builtin(), &with("machine-id", seen.clone()), state, &[]);
            assert_eq!(failing(&findings).is_empty(), passes, "{seen:?} under {state:?}");
        }
    }

    #[test]
    fn s4_13_a_dbus_id_of_its_own_fails_and_a_link_passes() {
        let link = |target: &str| with("dbus-machine-id", Seen::Link { target: target.into() });
        assert_eq!(
            overall(&judge_image(Catalog::builtin(), &link("/etc/machine-id"), MachineIdState::Empty, &[])),
            Verdict::Pass
        );
        assert_eq!(
            failing(&judge_image(Catalog::builtin(), &link("/etc/other"), MachineIdState::Empty, &[])),
            ["dbus-machine-id"]
        );
    }

    #[test]
    fn each_item_left_in_an_image_fails_by_name_unless_kept() {
        for item in Catalog::builtin().looked_at() {
            let left = with(item.id, Seen::Present { bytes: 7, note: None });
            let told = item.in_image == ImageRule::Report;
            let expected: &[&str] = if told { &[] } else { &[item.id] };
            assert_eq!(failing(&judge_image(Catalog::builtin(), &left, MachineIdState::Empty, &[])), expected);
            let kept = [Kept { item: item.id.to_owned(), reason: "a test".into() }];
            assert!(failing(&judge_image(Catalog::builtin(), &left, MachineIdState::Empty, &kept)).is_empty());
        }
    }

    #[test]
    fn what_could_not_be_read_is_unverified() {
        let unread = with("docker-engine-id", Seen::Unreadable { why: "permission denied".into() });
        assert_eq!(overall(&judge_image(Catalog::builtin(), &unread, MachineIdState::Empty, &[])), Verdict::Unverified);
    }

    fn guest(hostname: &str) -> Vec<Observation> {
        let mut all = everything_absent();
        for observation in &mut all {
            let identity = match observation.item.as_str() {
                "machine-id" => Identity::new(IdentityKind::MachineId, "0123456789abcdef0123456789abcdef"),
                "ssh-host-keys" => Identity::new(IdentityKind::SshHostKey("ssh-ed25519".into()), "SHA256:abc"),
                "hostname" => Identity::new(IdentityKind::Hostname, hostname),
                _ => continue,
            };
            observation.seen = Seen::Identity { identity, modified: None };
        }
        all
    }

    fn expected() -> Expected {
        Expected { hostname: "acme".parse().unwrap(), forbidden: Vec::new(), taken: BTreeMap::new() }
    }

    #[test]
    fn a_guest_of_its_own_passes() {
        assert_eq!(overall(&judge_guest(Catalog::builtin(), &guest("acme"), &expected())), Verdict::Pass);
    }

    #[test]
    fn a_guest_with_anothers_identity_fails() {
        let golden = Identity::new(IdentityKind::SshHostKey("ssh-ed25519".into()), "SHA256:abc");
        let forbidden = Expected { forbidden: vec![golden.clone()], ..expected() };
        assert_eq!(failing(&judge_guest(Catalog::builtin(), &guest("acme"), &forbidden)), ["ssh-host-keys"]);
        let taken = Expected { taken: BTreeMap::from([(golden, "guest 101".to_owned())]), ..expected() };
        assert_eq!(failing(&judge_guest(Catalog::builtin(), &guest("acme"), &taken)), ["ssh-host-keys"]);
    }

    #[test]
    fn a_guest_without_what_it_needs_fails() {
        assert_eq!(failing(&judge_guest(Catalog::builtin(), &guest("golden"), &expected())), ["hostname"]);
        assert_eq!(
            failing(&judge_guest(Catalog::builtin(), &everything_absent(), &expected())),
            ["machine-id", "hostname", "ssh-host-keys"]
        );
    }
}
