//! What was seen → the report.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::finding_id;
use super::fold::fold;
use super::judge::{Judge, Weak};
use super::primes;
use super::roster::{HolderId, Roster};
use super::sharing;
use super::sighting::{Area, Unread};
use crate::identity::IdentityKind;
use crate::report::{AuditFinding, AuditReport, Class, Coverage, GuestRef};

/// The report over everything that a judge was told.
pub(super) fn report(mut judge: Judge<'_>) -> AuditReport {
    let mut sharing = sharing::leaks(&judge);
    sharing.extend(sharing::shared(&judge));
    let mut findings: Vec<AuditFinding> = fold(sharing).into_iter().map(|shared| shared.into_finding(&judge)).collect();
    findings.extend(primes::findings(&judge));
    findings.extend(weak(&judge));
    // Values and prints are told; what is left of the memory goes to the list of what was not seen.
    judge.seen = super::seen::Seen::default();
    nobody_looked(&judge.roster, &mut judge.unread);
    findings.extend(unverified(&judge));
    let taken = judge.policy.now.and_then(|now| Timestamp::from_second(now).ok());
    AuditReport::new(taken, coverage(&judge.roster), findings)
}

/// One finding for each value and guest, however often it was seen.
fn weak(judge: &Judge<'_>) -> Vec<AuditFinding> {
    let mut told = BTreeSet::new();
    let mut findings = Vec::new();
    for weak in &judge.weak {
        let why = weak.weakness.in_words();
        if !told.insert((weak.holder, &weak.item, &weak.value, why.clone())) {
            continue;
        }
        let guest = guest(judge, weak);
        let id = finding_id(Class::Weak, &weak.item, &format!("{} {} {why}", weak.value, guest.key()));
        let severity = weak.item.parse::<IdentityKind>().map_or(4, |kind| judge.severity(&kind));
        findings.push(AuditFinding {
            id,
            severity,
            guests: vec![guest],
            ..AuditFinding::new(Class::Weak, &weak.item, &weak.value, why)
        });
    }
    findings
}

fn guest(judge: &Judge<'_>, weak: &Weak) -> GuestRef {
    GuestRef {
        sources: weak.held.map(super::seen::Mark::source).into_iter().collect(),
        ..judge.roster.guest(weak.holder)
    }
}

/// Areas that belong to a whole look and of which nobody said a word.
fn nobody_looked(roster: &Roster, unread: &mut BTreeMap<Unread, Vec<HolderId>>) {
    for id in roster.ids() {
        for area in roster.needed(id) {
            if !roster.was_looked_at(id, *area) && !roster.was_missed(id, *area) {
                let silence = Unread { item: area.word().to_owned(), source: None, why: "nobody looked".to_owned() };
                unread.entry(silence).or_default().push(id);
            }
        }
    }
}

/// One finding for each reason. An area that one source could not see and another one did is seen.
fn unverified(judge: &Judge<'_>) -> Vec<AuditFinding> {
    let mut findings = Vec::new();
    for (unread, holders) in &judge.unread {
        let area = Area::ALL.into_iter().find(|area| area.word() == unread.item);
        let open = holders.iter().filter(|id| area.is_none_or(|area| !judge.roster.was_looked_at(**id, area)));
        let open: BTreeSet<HolderId> = open.copied().collect();
        if open.is_empty() {
            continue;
        }
        let guests =
            open.iter().map(|id| GuestRef { sources: unread.source.into_iter().collect(), ..judge.roster.guest(*id) });
        let id = finding_id(Class::Unverified, &unread.item, &unread.why);
        findings.push(AuditFinding {
            id,
            guests: guests.collect(),
            ..AuditFinding::new(Class::Unverified, &unread.item, "", unread.why.clone())
        });
    }
    findings
}

fn coverage(roster: &Roster) -> Coverage {
    let mut coverage = Coverage::default();
    for id in roster.ids() {
        let needed = roster.needed(id);
        let looked = needed.iter().filter(|area| roster.was_looked_at(id, **area)).count();
        let missed = Area::ALL.into_iter().any(|area| roster.was_missed(id, area));
        match looked {
            0 => coverage.none += 1,
            seen if seen == needed.len() && !missed => coverage.whole += 1,
            _ => coverage.part += 1,
        }
    }
    coverage
}
