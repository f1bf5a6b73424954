//! What two reports differ in.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::report::{AuditFinding, AuditReport, Class};

/// What changed from one audit to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditDiff {
    /// Findings that only the later one has.
    pub appeared: Vec<AuditFinding>,
    /// Findings that only the earlier one has.
    pub gone: Vec<AuditFinding>,
    /// Findings of both that are not as they were.
    pub changed: Vec<Change>,
    /// How many are as they were.
    pub same: usize,
}

/// A finding that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The finding as it is now.
    pub finding: AuditFinding,
    /// The class that it had.
    pub class_before: Class,
    /// Guests that joined, by their keys.
    pub joined: Vec<String>,
    /// Guests that left.
    pub left: Vec<String>,
    /// It was accepted, and is no longer, or the other way round.
    pub acceptance_changed: bool,
}

/// What changed from `before` to `after`. Findings are the same ones by their names, whatever became of them.
pub fn diff(before: &AuditReport, after: &AuditReport) -> AuditDiff {
    let mut known: BTreeMap<String, &AuditFinding> =
        before.findings.iter().map(|finding| (name(finding), finding)).collect();
    let mut diff = AuditDiff::default();
    for finding in &after.findings {
        match known.remove(&name(finding)) {
            None => diff.appeared.push(finding.clone()),
            Some(old) => match change(old, finding) {
                None => diff.same += 1,
                Some(change) => diff.changed.push(change),
            },
        }
    }
    diff.gone = before.findings.iter().filter(|finding| known.contains_key(&name(finding))).cloned().collect();
    diff
}

/// Reports of version 1 have no names: class, kind and value stand for them.
fn name(finding: &AuditFinding) -> String {
    if finding.id.is_empty() {
        crate::audit::finding_id(finding.class, &finding.kind, &finding.value)
    } else {
        finding.id.clone()
    }
}

fn change(before: &AuditFinding, after: &AuditFinding) -> Option<Change> {
    let guests = |finding: &AuditFinding| -> BTreeSet<String> {
        finding.guests.iter().map(crate::report::GuestRef::key).collect()
    };
    let (old, new) = (guests(before), guests(after));
    let change = Change {
        finding: after.clone(),
        class_before: before.class,
        joined: new.difference(&old).cloned().collect(),
        left: old.difference(&new).cloned().collect(),
        acceptance_changed: before.counts() != after.counts(),
    };
    let is_one = before.class != after.class
        || change.acceptance_changed
        || !change.joined.is_empty()
        || !change.left.is_empty();
    is_one.then_some(change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::GuestState;
    use crate::report::{Coverage, GuestRef};

    fn finding(value: &str, guests: &[u32]) -> AuditFinding {
        let guest = |vmid: &u32| GuestRef {
            cluster: None,
            vmid: (*vmid).try_into().unwrap(),
            node: "a".parse().unwrap(),
            name: "g".into(),
            state: GuestState::Running,
            tenant: None,
            sources: Vec::new(),
        };
        let guests = guests.iter().map(guest).collect();
        AuditFinding { guests, ..AuditFinding::new(Class::Collision, "mac", value, String::new()) }
    }

    fn report(findings: Vec<AuditFinding>) -> AuditReport {
        AuditReport::new(None, Coverage::default(), findings)
    }

    #[test]
    fn what_came_went_and_changed_is_told() {
        let before = report(vec![finding("a", &[101, 102]), finding("b", &[103, 104]), finding("c", &[105, 106])]);
        let asleep = AuditFinding { class: Class::Dormant, ..finding("b", &[104, 107]) };
        let after = report(vec![finding("a", &[101, 102]), asleep, finding("d", &[108, 109])]);
        let diff = diff(&before, &after);
        let values = |findings: &[AuditFinding]| findings.iter().map(|f| f.value.clone()).collect::<Vec<_>>();
        assert_eq!((values(&diff.appeared), values(&diff.gone), diff.same), (vec!["d".into()], vec!["c".into()], 1));
        let change = &diff.changed[0];
        assert_eq!((change.class_before, change.finding.class), (Class::Collision, Class::Dormant));
        assert_eq!(
            (change.joined.as_slice(), change.left.as_slice()),
            (["107".to_owned()].as_slice(), ["103".to_owned()].as_slice())
        );
    }

    #[test]
    fn a_report_does_not_differ_from_itself() {
        let one = report(vec![finding("a", &[101, 102])]);
        assert_eq!(diff(&one, &one), AuditDiff { same: 1, ..AuditDiff::default() });
    }
}
