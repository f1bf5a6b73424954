//! Evidence: what one principal says of one gate of one release.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::{Document, Namespace};
use crate::identity::Verdict;
use crate::ids::{GoldenName, Principal, Sha256Hex};

/// A gate on a release's way to its users, in the order in which they are passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gate {
    /// Whoever built it stands to it.
    Built,
    /// The archive was read as a stranger reads it, and is clean.
    Linted,
    /// Throwaway guests were made from it and did what they must.
    Drilled,
    /// A second principal looked for himself.
    Verified,
}

impl Gate {
    /// All gates, in order.
    pub const ALL: [Self; 4] = [Self::Built, Self::Linted, Self::Drilled, Self::Verified];

    /// Its name in files and on command lines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Built => "built",
            Self::Linted => "linted",
            Self::Drilled => "drilled",
            Self::Verified => "verified",
        }
    }
}

impl std::fmt::Display for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A gate that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no gate: there are built, linted, drilled and verified")]
pub struct UnknownGate(pub String);

impl std::str::FromStr for Gate {
    type Err = UnknownGate;

    fn from_str(text: &str) -> Result<Self, UnknownGate> {
        Self::ALL.into_iter().find(|gate| gate.as_str() == text).ok_or_else(|| UnknownGate(text.to_owned()))
    }
}

/// A gate's record, `ARCHIVE.GATE-PRINCIPAL.json` beside the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The form's version.
    pub version: u32,
    /// The golden, for people.
    pub golden: GoldenName,
    /// Its release, for people.
    pub release: String,
    /// What it is said of: SHA-256 of the manifest.
    pub manifest: Sha256Hex,
    /// The gate.
    pub gate: Gate,
    /// What is said.
    pub result: Verdict,
    /// Who says it; the signature must be this principal's.
    pub principal: Principal,
    /// When.
    pub at: Timestamp,
    /// The gate's own findings.
    pub details: Value,
}

impl Document for Evidence {
    const WHAT: &'static str = "evidence";
    const NAMESPACE: Namespace = Namespace::Evidence;
    const VERSION: u32 = 1;
    const LIMIT: usize = 4 << 20;

    fn version(&self) -> u32 {
        self.version
    }
}
