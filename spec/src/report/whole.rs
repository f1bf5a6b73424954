//! The report, its first line and its exit code.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::class::Class;
use super::finding::AuditFinding;
use crate::exit::Exit;

/// The form's version: 2 since findings tell origin, reach and history. Reports of version 1 can still be read.
pub const VERSION: u32 = 2;

/// What one audit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditReport {
    /// The form's version.
    pub version: u32,
    /// The catalog's version that was judged by.
    pub catalog: u32,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Timestamp>,
    /// How many guests and backups were looked at.
    pub guests: usize,
    /// How far the looks went.
    #[serde(default)]
    pub coverage: Coverage,
    /// How many findings of each class count.
    pub counts: BTreeMap<Class, usize>,
    /// How many findings somebody answers for.
    #[serde(default)]
    pub accepted: usize,
    /// The findings, worst class first.
    pub findings: Vec<AuditFinding>,
    /// Accepted exceptions that met no finding: they can go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unused_exceptions: Vec<String>,
}

/// How many guests were looked at how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Everything that belongs to a look was looked at.
    pub whole: usize,
    /// Something could not be looked at.
    pub part: usize,
    /// Nothing could be looked at.
    pub none: usize,
}

impl AuditReport {
    /// A report with its findings in order and counted.
    pub fn new(taken: Option<Timestamp>, coverage: Coverage, mut findings: Vec<AuditFinding>) -> Self {
        findings.sort_by(|a, b| {
            (a.class, a.severity, &a.kind, &a.value, &a.id).cmp(&(b.class, b.severity, &b.kind, &b.value, &b.id))
        });
        let mut report = Self {
            version: VERSION,
            catalog: crate::identity::catalog::VERSION,
            taken,
            guests: coverage.whole + coverage.part + coverage.none,
            coverage,
            counts: BTreeMap::new(),
            accepted: 0,
            findings,
            unused_exceptions: Vec::new(),
        };
        report.count();
        report
    }

    /// Counts the findings anew.
    pub fn count(&mut self) {
        self.counts = Class::ALL.into_iter().map(|class| (class, 0)).collect();
        for finding in self.findings.iter().filter(|finding| finding.counts()) {
            *self.counts.entry(finding.class).or_default() += 1;
        }
        self.accepted = self.findings.iter().filter(|finding| !finding.counts()).count();
    }

    /// Adds a finding from outside the fleet, at the end; `Unverified`, the last class, keeps the order.
    pub fn add(&mut self, finding: AuditFinding) {
        self.findings.push(finding);
        self.count();
    }

    /// The first line. What could not be looked at comes first: findings are worth only what was seen.
    pub fn headline(&self) -> String {
        let counts: Vec<String> = Class::ALL
            .iter()
            .map(|class| format!("{} {}", self.counts.get(class).copied().unwrap_or(0), class.as_str()))
            .collect();
        let blind = match (self.coverage.none, self.coverage.part) {
            (0, 0) => String::new(),
            (0, part) => format!(", {part} of them seen in part"),
            (none, 0) => format!(", {none} of them NOT LOOKED AT"),
            (none, part) => format!(", {none} of them NOT LOOKED AT, {part} seen in part"),
        };
        let accepted = if self.accepted > 0 { format!(", {} accepted", self.accepted) } else { String::new() };
        format!("{} guests{blind}: {}{accepted}", self.guests, counts.join(", "))
    }

    /// The exit code that tells the worst of it: collisions and golden leaks before what is unverified.
    ///
    /// Looking at no guest at all is unverified too: an empty listing is what a token without rights sees.
    pub fn exit(&self) -> Exit {
        let any = |classes: &[Class]| self.findings.iter().any(|f| f.counts() && classes.contains(&f.class));
        if any(&[Class::Collision, Class::GoldenLeak]) {
            Exit::Collisions
        } else if self.guests == 0 || any(&[Class::Unverified]) {
            Exit::Unverified
        } else {
            Exit::Done
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(class: Class) -> AuditReport {
        let coverage = Coverage { whole: 1, ..Coverage::default() };
        AuditReport::new(None, coverage, vec![AuditFinding::new(class, "mac", "x", String::new())])
    }

    #[test]
    fn an_audit_of_nothing_is_not_clean() {
        assert_eq!(AuditReport::new(None, Coverage::default(), Vec::new()).exit(), Exit::Unverified);
    }

    #[test]
    fn q26_the_exit_code_is_that_of_the_worst_class() {
        let codes = Class::ALL.map(|class| with(class).exit());
        assert_eq!(codes, [Exit::Collisions, Exit::Collisions, Exit::Done, Exit::Done, Exit::Unverified]);
        let mut both = with(Class::Unverified);
        both.add(AuditFinding::new(Class::Collision, "ip", "y", String::new()));
        assert_eq!(both.exit(), Exit::Collisions);
    }

    #[test]
    fn the_first_line_tells_what_was_not_seen() {
        let coverage = Coverage { whole: 5, part: 1, none: 6 };
        let line = AuditReport::new(None, coverage, Vec::new()).headline();
        assert!(line.starts_with("12 guests, 6 of them NOT LOOKED AT, 1 seen in part: 0 collision"), "{line}");
    }

    #[test]
    fn a_report_of_version_1_can_be_read() {
        let old = r#"{"version":1,"catalog":2,"guests":2,"counts":{"collision":1},"findings":[{"class":"collision",
            "kind":"mac","value":"x","guests":[{"vmid":101,"node":"n","name":"a","state":"running"}],"why":"w"}]}"#;
        let report: AuditReport = serde_json::from_str(old).unwrap();
        assert_eq!((report.version, report.exit()), (1, Exit::Collisions));
    }
}
