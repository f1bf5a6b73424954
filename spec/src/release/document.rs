//! What all signed documents have in common: a namespace, a version, and a size that they may not exceed.

use std::fmt;

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::seal::{AllowedSigners, SealError};
use crate::ids::{Principal, Sha256Hex};

/// What a signature was made for: a signature of one kind never counts for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Namespace {
    /// What a golden is.
    Manifest,
    /// The catalog, row by row.
    Verdict,
    /// A gate's record.
    Evidence,
    /// How it was built, as in-toto states it.
    Provenance,
    /// A channel's pointer.
    Channel,
    /// An entry of the release log.
    Log,
}

impl Namespace {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Manifest, Self::Verdict, Self::Evidence, Self::Provenance, Self::Channel, Self::Log];

    /// As `ssh-keygen -Y sign -n` and `namespaces=` have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manifest => "manifest@mintmark",
            Self::Verdict => "verdict@mintmark",
            Self::Evidence => "evidence@mintmark",
            Self::Provenance => "provenance@mintmark",
            Self::Channel => "channel@mintmark",
            Self::Log => "log@mintmark",
        }
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A document that is signed as it lies on disk.
pub trait Document: DeserializeOwned {
    /// What it is, in words: `channel`.
    const WHAT: &'static str;
    /// What its signature is made for.
    const NAMESPACE: Namespace;
    /// The one version that this program knows.
    const VERSION: u32;
    /// Bytes that it may have: whoever offers more offers something else.
    const LIMIT: usize;

    /// The version that it says it has.
    fn version(&self) -> u32;
}

/// A document whose signature counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed<D> {
    /// What it says.
    pub document: D,
    /// SHA-256 of its bytes: the name by which others refer to it.
    pub sha256: Sha256Hex,
    /// Who signed it.
    pub signer: Principal,
}

/// Why bytes are not the document that they are offered as.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Endless data.
    #[error("the {what} has more than {limit} bytes: it is none")]
    TooLong {
        /// What it should have been.
        what: &'static str,
        /// The most that it may have.
        limit: usize,
    },
    /// The signature does not count.
    #[error("the {what}'s signature does not count")]
    Seal {
        /// What it should have been.
        what: &'static str,
        /// Why not.
        #[source]
        source: SealError,
    },
    /// The bytes are of no such form.
    #[error("these bytes are no {what}")]
    Form {
        /// What they should have been.
        what: &'static str,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// Another version.
    #[error("the {what} has version {found}, this program knows {known}: use a program of its age")]
    Version {
        /// What it is.
        what: &'static str,
        /// Its version.
        found: u32,
        /// Ours.
        known: u32,
    },
}

/// Reads a document without asking who signed it.
///
/// # Errors
/// Too long, no such form, another version.
pub fn read<D: Document>(bytes: &[u8]) -> Result<D, DocumentError> {
    if bytes.len() > D::LIMIT {
        return Err(DocumentError::TooLong { what: D::WHAT, limit: D::LIMIT });
    }
    let document: D = serde_json::from_slice(bytes).map_err(|source| DocumentError::Form { what: D::WHAT, source })?;
    match document.version() {
        found if found == D::VERSION => Ok(document),
        found => Err(DocumentError::Version { what: D::WHAT, found, known: D::VERSION }),
    }
}

/// Reads a document whose signature must count at a time. Nothing of it is looked at before its signature is.
///
/// # Errors
/// Too long, not signed so that it counts, no such form, another version.
pub fn open<D: Document>(
    bytes: &[u8],
    seal: &[u8],
    signers: &AllowedSigners,
    at: Timestamp,
) -> Result<Sealed<D>, DocumentError> {
    if bytes.len() > D::LIMIT {
        return Err(DocumentError::TooLong { what: D::WHAT, limit: D::LIMIT });
    }
    let signer = signers
        .verify(D::NAMESPACE, bytes, seal, at)
        .map_err(|source| DocumentError::Seal { what: D::WHAT, source })?;
    Ok(Sealed { document: read(bytes)?, sha256: Sha256Hex::of(bytes), signer })
}
