//! The completion record: what the agent waits for before it trusts a new guest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use spec::attestation::Attested;

use crate::marker::STATE_DIRECTORY;
use crate::root::{NewFile, Root, RootError};

/// The record's file.
pub const STATUS: &str = "/var/lib/mintmark/firstboot-status.json";
const VERSION: u32 = 1;
const CAP: u64 = 64 * 1024;

/// How the unit's last run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BootState {
    /// The guest's identity is its own.
    Done,
    /// It could not be brought about; [`BootStatus::why`] says why.
    Error,
    /// The unit is switched off in this guest.
    Disabled,
}

/// The completion record. It is written whole by rename, once per boot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootStatus {
    /// The record format's version.
    pub version: u32,
    /// How it ended.
    pub status: BootState,
    /// Why, as a sentence.
    pub why: String,
    /// The boot that it belongs to, as the guest's `/proc/sys/kernel/random/boot_id` names it. A record of an
    /// earlier boot says nothing about this one.
    pub boot_id: Option<String>,
    /// When, in seconds since 1970 by the guest's clock.
    pub at: u64,
    /// Paths and catalog items that are new since this boot.
    pub renewed: Vec<String>,
    /// Fingerprint of every host key, by type.
    pub fingerprints: BTreeMap<String, String>,
    /// Whether it signed what it was asked to; none in records of before guests could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Attested>,
}

impl BootStatus {
    /// A record with nothing renewed.
    pub(super) fn new(status: BootState, why: String, boot_id: Option<String>, at: u64) -> Self {
        Self {
            version: VERSION,
            status,
            why,
            boot_id,
            at,
            renewed: Vec::new(),
            fingerprints: BTreeMap::new(),
            attestation: None,
        }
    }
}

/// Why the completion record could not be read.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// Its file.
    #[error("cannot read the completion record")]
    Tree(#[from] RootError),
    /// Its content.
    #[error("{STATUS} is no completion record")]
    Content(#[from] serde_json::Error),
}

/// Reads the completion record of a guest; `None` when its unit has never run.
pub fn read_status(root: &Root) -> Result<Option<BootStatus>, StatusError> {
    match root.read(STATUS, CAP)? {
        Some(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        None => Ok(None),
    }
}

pub(super) fn write_status(root: &Root, status: &BootStatus) -> Result<(), RootError> {
    root.make_directories(STATE_DIRECTORY, 0o755)?;
    root.write(STATUS, serde_json::json!(status).to_string().as_bytes(), NewFile::mode(0o644))
}
