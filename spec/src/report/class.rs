//! Classes of findings.

use serde::{Deserialize, Serialize};

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

    /// The class as one word, for formats that have ids.
    pub fn id(self) -> &'static str {
        match self {
            Self::GoldenLeak => "golden-leak",
            other => other.as_str(),
        }
    }
}
