//! Since when a finding is there, and whether it is back: told by the reports of earlier audits.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::report::AuditReport;

/// What earlier audits found, by the findings' names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// When the last audit was.
    latest: Option<Timestamp>,
    findings: BTreeMap<String, Span>,
}

/// When a finding was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    first: Timestamp,
    last: Timestamp,
    /// An audit in between did not have it.
    #[serde(default)]
    returned: bool,
}

impl History {
    /// Takes a report in. They come oldest first; one without a time, or from before the last one, tells nothing.
    pub fn add(&mut self, report: &AuditReport) {
        let Some(taken) = report.taken.filter(|taken| self.latest.is_none_or(|latest| *taken > latest)) else { return };
        for finding in report.findings.iter().filter(|finding| !finding.id.is_empty()) {
            let known = self.findings.get(&finding.id).copied();
            let span = match known {
                None => Span { first: taken, last: taken, returned: false },
                Some(span) => Span { last: taken, returned: span.returned || Some(span.last) < self.latest, ..span },
            };
            self.findings.insert(finding.id.clone(), span);
        }
        self.latest = Some(taken);
    }

    /// Tells the findings of a report since when they are there. The report becomes a part of the history.
    pub fn apply(&mut self, report: &mut AuditReport) {
        self.add(report);
        for finding in &mut report.findings {
            if let Some(span) = self.findings.get(&finding.id) {
                (finding.first_seen, finding.last_seen) = (Some(span.first), Some(span.last));
                finding.returned = span.returned;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{AuditFinding, Class, Coverage};

    fn report(day: u8, values: &[&str]) -> AuditReport {
        let taken = format!("2026-11-{day:02}T00:00:00Z").parse().unwrap();
        let of = |value: &&str| AuditFinding::new(Class::Collision, "mac", value, String::new());
        AuditReport::new(Some(taken), Coverage::default(), values.iter().map(of).collect())
    }

    #[test]
    fn a_finding_tells_since_when_and_whether_it_is_back() {
        let mut history = History::default();
        for earlier in [report(1, &["a", "b"]), report(2, &["b"])] {
            history.add(&earlier);
        }
        let mut today = report(3, &["a", "b", "c"]);
        history.apply(&mut today);
        let told: Vec<(&str, String, bool)> = today
            .findings
            .iter()
            .map(|f| (f.value.as_str(), f.first_seen.unwrap().to_string()[8..10].to_owned(), f.returned))
            .collect();
        assert_eq!(told, [("a", "01".into(), true), ("b", "01".into(), false), ("c", "03".into(), false)]);
        assert!(today.findings.iter().all(|finding| finding.last_seen == today.taken));
    }

    #[test]
    fn a_report_twice_or_out_of_order_changes_nothing() {
        let mut history = History::default();
        history.add(&report(2, &["a"]));
        let before = history.clone();
        for again in [report(2, &["a", "b"]), report(1, &["c"])] {
            history.add(&again);
        }
        assert_eq!(history, before);
    }
}
