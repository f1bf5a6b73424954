//! A channel: a signed pointer to a release. It is small, expires, and binds everything that it points at by digest, so
//! that nobody can mix documents of different releases or show an old pointer for long.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::document::{Document, Namespace};
use super::evidence::Gate;
use crate::ids::{ChannelName, GoldenName, Principal, Sha256Hex};

/// `mintmark/channels/GOLDEN/CHANNEL.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// The form's version.
    pub version: u32,
    /// The golden.
    pub golden: GoldenName,
    /// The channel.
    pub channel: ChannelName,
    /// The number of the release log's entry that issued this document. It only rises, over all channels of a golden.
    pub serial: u64,
    /// SHA-256 of that entry: the log up to there is the one that this document was made under.
    pub log: Sha256Hex,
    /// When it was issued.
    pub issued: Timestamp,
    /// When it stops counting.
    pub expires: Timestamp,
    /// What it points at.
    pub target: Target,
    /// The gates that the release had to pass.
    pub gates: Vec<Gate>,
    /// The evidence that it passed them.
    pub evidence: Vec<EvidenceRef>,
    /// Releases of the golden that nobody may use any more.
    pub withdrawn: Vec<Withdrawal>,
    /// When the golden ends: no guest is made of it from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_of_life: Option<Timestamp>,
}

/// A release, by content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its name.
    pub release: String,
    /// SHA-256 of its manifest.
    pub manifest: Sha256Hex,
    /// SHA-256 of its verdict.
    pub verdict: Sha256Hex,
    /// SHA-256 of its archive.
    pub archive: Sha256Hex,
}

/// A record of a gate, by content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRef {
    /// The gate.
    pub gate: Gate,
    /// Who recorded it.
    pub principal: Principal,
    /// SHA-256 of the record.
    pub sha256: Sha256Hex,
}

/// How a release was withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Withdrawn {
    /// It is bad.
    Revoked,
    /// It is old.
    Retired,
}

impl std::fmt::Display for Withdrawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(if *self == Self::Revoked { "revoked" } else { "retired" })
    }
}

/// A release that nobody may use any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Its name.
    pub release: String,
    /// SHA-256 of its manifest.
    pub manifest: Sha256Hex,
    /// How.
    pub how: Withdrawn,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Why a channel's word does not count now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCurrent {
    /// A freeze: an old pointer, shown for too long.
    #[error(
        "channel {channel} expired on {expires}: it may hide a newer one; issue it again with `image-builder promote`"
    )]
    Expired {
        /// The channel.
        channel: ChannelName,
        /// When.
        expires: Timestamp,
    },
    /// Made in the future.
    #[error("channel {channel} was issued on {issued}, which is to come: compare the clocks of releaser and agent")]
    FromTheFuture {
        /// The channel.
        channel: ChannelName,
        /// When.
        issued: Timestamp,
    },
    /// The golden has ended.
    #[error("the golden reached its end of life on {end}: build from a newer base")]
    EndOfLife {
        /// When.
        end: Timestamp,
    },
}

/// Clocks may differ by so many seconds.
const SKEW: i64 = 300;

impl Channel {
    /// Whether its word counts at this time.
    ///
    /// # Errors
    /// [`NotCurrent`].
    pub fn current(&self, now: Timestamp) -> Result<(), NotCurrent> {
        let Self { channel, issued, expires, .. } = self;
        if now >= *expires {
            return Err(NotCurrent::Expired { channel: channel.clone(), expires: *expires });
        }
        if issued.as_second() > now.as_second().saturating_add(SKEW) {
            return Err(NotCurrent::FromTheFuture { channel: channel.clone(), issued: *issued });
        }
        match self.end_of_life {
            Some(end) if now >= end => Err(NotCurrent::EndOfLife { end }),
            _ => Ok(()),
        }
    }

    /// The withdrawal of the release with this manifest.
    pub fn withdrawal(&self, manifest: &Sha256Hex) -> Option<&Withdrawal> {
        self.withdrawn.iter().find(|withdrawal| withdrawal.manifest == *manifest)
    }
}

impl Document for Channel {
    const WHAT: &'static str = "channel";
    const NAMESPACE: Namespace = Namespace::Channel;
    const VERSION: u32 = 1;
    const LIMIT: usize = 256 << 10;

    fn version(&self) -> u32 {
        self.version
    }
}
