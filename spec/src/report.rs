//! The audit report as data; tables and JSON are made from it elsewhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::exit::Exit;
use crate::identity::{GuestFacts, GuestState};
use crate::ids::{NodeName, Vmid};

/// What one audit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditReport {
    /// The form's version.
    pub version: u32,
    /// The catalog's version that was judged by.
    pub catalog: u32,
    /// How many guests were looked at.
    pub guests: usize,
    /// How many findings of each class.
    pub counts: BTreeMap<Class, usize>,
    /// The findings, worst class first.
    pub findings: Vec<AuditFinding>,
}

/// Classes of findings, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Two running guests hold one value.
    Collision,
    /// A guest holds a value that belongs to a golden.
    GoldenLeak,
    /// Guests hold one value but do not run together yet.
    Dormant,
    /// A value that is there but worth nothing.
    Weak,
    /// Something that could not be looked at.
    Unverified,
}

impl Class {
    /// All classes, worst first.
    pub const ALL: [Self; 5] = [Self::Collision, Self::GoldenLeak, Self::Dormant, Self::Weak, Self::Unverified];

    /// The class as the report prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collision => "collision",
            Self::GoldenLeak => "golden leak",
            Self::Dormant => "dormant",
            Self::Weak => "weak",
            Self::Unverified => "unverified",
        }
    }
}

/// One finding of an audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFinding {
    /// Its class.
    pub class: Class,
    /// The kind of identity (`ssh-host-key:ssh-ed25519`), or the catalog item that could not be read.
    pub kind: String,
    /// The shared value as it may be shown; empty where there is none.
    pub value: String,
    /// Who holds it.
    pub guests: Vec<GuestRef>,
    /// The golden that the value belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub golden: Option<String>,
    /// What follows from it.
    pub why: String,
}

/// A guest as a finding names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestRef {
    /// Its number.
    pub vmid: Vmid,
    /// Its node.
    pub node: NodeName,
    /// Its configured name.
    pub name: String,
    /// Whether it runs.
    pub state: GuestState,
}

impl GuestRef {
    /// The reference to a guest that was looked at.
    pub fn of(guest: &GuestFacts) -> Self {
        Self { vmid: guest.vmid, node: guest.node.clone(), name: guest.name.clone(), state: guest.state }
    }
}

impl AuditReport {
    /// A report over `guests` with its findings counted.
    pub fn new(guests: &[GuestFacts], findings: Vec<AuditFinding>) -> Self {
        let mut counts: BTreeMap<Class, usize> = Class::ALL.into_iter().map(|class| (class, 0)).collect();
        for finding in &findings {
            *counts.entry(finding.class).or_default() += 1;
        }
        Self { version: 1, catalog: crate::identity::catalog::VERSION, guests: guests.len(), counts, findings }
    }

    /// Adds a finding from outside the fleet, at the end; `Unverified`, the last class, keeps the order.
    pub fn add(&mut self, finding: AuditFinding) {
        *self.counts.entry(finding.class).or_default() += 1;
        self.findings.push(finding);
    }

    /// The exit code that tells the worst of it: collisions and golden leaks before what is unverified.
    ///
    /// Looking at no guest at all is unverified too: an empty listing is what a token without rights sees.
    pub fn exit(&self) -> Exit {
        let any = |classes: &[Class]| self.findings.iter().any(|f| classes.contains(&f.class));
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

    #[test]
    fn an_audit_of_nothing_is_not_clean() {
        assert_eq!(AuditReport::new(&[], Vec::new()).exit(), Exit::Unverified);
    }
}
