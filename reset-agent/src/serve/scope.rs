//! What a token may do.

use std::fmt;
use std::str::FromStr;

/// One thing that a token may do. What is not named is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Read guests and runs.
    Read,
    /// Make guests.
    Provision,
    /// Destroy guests.
    Destroy,
    /// Bring lost guests back.
    Recover,
    /// Audit the fleet; an operator's token only.
    Audit,
    /// Read the metrics; an operator's token only.
    Metrics,
}

/// A word that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no scope: choose from read, provision, destroy, recover, audit, metrics")]
pub struct BadScope(String);

impl Scope {
    const ALL: [Self; 6] = [Self::Read, Self::Provision, Self::Destroy, Self::Recover, Self::Audit, Self::Metrics];

    /// The word in lists.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Provision => "provision",
            Self::Destroy => "destroy",
            Self::Recover => "recover",
            Self::Audit => "audit",
            Self::Metrics => "metrics",
        }
    }
}

impl FromStr for Scope {
    type Err = BadScope;

    fn from_str(text: &str) -> Result<Self, BadScope> {
        Self::ALL.into_iter().find(|scope| scope.word() == text).ok_or_else(|| BadScope(text.to_owned()))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
