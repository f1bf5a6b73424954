//! One finding of an audit.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::class::Class;
use super::guest::GuestRef;
use crate::ids::Vmid;

/// One finding of an audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFinding {
    /// What stays the same as long as the finding does, from one audit to the next: a hash of kind and value.
    #[serde(default)]
    pub id: String,
    /// Its class.
    pub class: Class,
    /// The kind of identity (`ssh-host-key:ssh-ed25519`), or the catalog item that could not be read.
    pub kind: String,
    /// The catalog's row, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// 1 (credential, takeover) to 4 (cosmetic).
    #[serde(default = "least")]
    pub severity: u8,
    /// The shared value as it may be shown; empty where there is none.
    pub value: String,
    /// Who holds it.
    pub guests: Vec<GuestRef>,
    /// The golden that the value belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub golden: Option<String>,
    /// What follows from it.
    pub why: String,
    /// Where it came from; none where nothing is shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// How far it reaches; none where nothing is shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
    /// Values that these guests share only because they are computed from this one: they go when it goes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derived: Vec<Derivation>,
    /// What hangs on the value and must be looked after before it is changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependants: Vec<Dependant>,
    /// The first audit that had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Timestamp>,
    /// The last audit that had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// It was there, was gone, and is back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub returned: bool,
    /// Somebody answers for it: it is told and does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Acceptance>,
    /// Somebody answered for it until a day that has passed: it counts again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired: Option<Acceptance>,
}

fn least() -> u8 {
    4
}

impl AuditFinding {
    /// A finding of which nothing more is known.
    pub fn new(class: Class, kind: &str, value: &str, why: String) -> Self {
        Self {
            id: crate::audit::finding_id(class, kind, value),
            class,
            kind: kind.to_owned(),
            item: None,
            severity: least(),
            value: value.to_owned(),
            guests: Vec::new(),
            golden: None,
            why,
            origin: None,
            reach: None,
            derived: Vec::new(),
            dependants: Vec::new(),
            first_seen: None,
            last_seen: None,
            returned: false,
            accepted: None,
            expired: None,
        }
    }

    /// Whether it counts: nobody answers for it.
    pub fn counts(&self) -> bool {
        self.accepted.is_none()
    }
}

/// Where a shared value came from, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// What it came from.
    #[serde(flatten)]
    pub from: Descent,
    /// How that is known, or why it is not.
    pub why: String,
}

/// What a value came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "lowercase")]
pub enum Descent {
    /// A golden leaked it.
    Golden {
        /// Name and release.
        golden: String,
    },
    /// A guest was copied.
    Clone {
        /// The guest that was copied.
        guest: Vmid,
        /// Its cluster, where several are looked at.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cluster: Option<String>,
    },
    /// A backup was restored beside its guest.
    Backup {
        /// The archive's volume id.
        volid: String,
    },
    /// Nobody knows.
    Unknown,
}

impl fmt::Display for Descent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Golden { golden } => write!(f, "golden {golden}"),
            Self::Clone { guest, cluster: Some(cluster) } => write!(f, "clone of {cluster}/{guest}"),
            Self::Clone { guest, cluster: None } => write!(f, "clone of {guest}"),
            Self::Backup { volid } => write!(f, "backup {volid}"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// How far a finding reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// Whether its guests meet.
    pub together: Together,
    /// The segments that they are on: `BRIDGE`, `CLUSTER/BRIDGE.TAG`.
    pub wires: Vec<String>,
    /// Who they are for.
    pub tenants: Vec<String>,
}

/// Whether guests meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Together {
    /// Two of them are on one segment.
    Wire,
    /// They are in one cluster, on different segments.
    Cluster,
    /// They are in different clusters.
    Apart,
    /// Where some of them are plugged in is not known.
    Unknown,
}

impl fmt::Display for Together {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wire => "on one segment",
            Self::Cluster => "in one cluster, on different segments",
            Self::Apart => "in different clusters",
            Self::Unknown => "not known where",
        })
    }
}

/// A value that is shared only because its parent is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derivation {
    /// The kind of identity.
    pub kind: String,
    /// The value as it may be shown.
    pub value: String,
}

/// What hangs on a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependant {
    /// The catalog's row.
    pub item: String,
    /// What it is, in a few words.
    pub title: String,
    /// The guests in which it was seen, by their keys; empty where nobody can see it from here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen_in: Vec<String>,
}

/// Somebody who answers for a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Who.
    pub owner: String,
    /// Until when.
    pub until: Timestamp,
    /// Why it may be so.
    pub why: String,
}
