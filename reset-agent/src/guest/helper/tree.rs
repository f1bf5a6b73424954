//! What the helper saw of a guest.

use serde::Deserialize;
use spec::attestation::{Attestation, Attested};
use spec::cloud_init::CloudInit;
use spec::identity::Observation;

use crate::guest::ssh::host_key::PinnedKey;

/// What the helper saw of a guest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GuestTree {
    /// Everything of the catalog that lives in a tree.
    pub observations: Vec<Observation>,
    /// What the first-boot unit says.
    pub firstboot: Firstboot,
    /// The host keys' public halves.
    #[serde(default)]
    pub host_keys: Vec<HostKey>,
    /// How cloud-init stands in it, where it runs and has one.
    #[serde(default)]
    pub cloud_init: Option<CloudInit>,
    /// What it signed, where it was asked to.
    #[serde(default)]
    pub attestation: Option<Attestation>,
}

/// A host key's public half.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HostKey {
    /// Type and key, as in a `*.pub` file.
    pub public: String,
}

/// What a guest's first-boot unit says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Firstboot {
    /// It has never finished in this guest.
    Never,
    /// It finished and left its record.
    Recorded {
        /// Whether the record belongs to the present boot; a stopped guest has none.
        of_this_boot: Option<bool>,
        /// The record.
        record: FirstbootRecord,
    },
    /// Its record could not be read.
    Unreadable {
        /// Why not.
        why: String,
    },
}

/// How the first-boot unit ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FirstbootRecord {
    /// `done`, `error` or `disabled`.
    pub status: String,
    /// Why.
    #[serde(default)]
    pub why: String,
    /// Whether it signed what it was asked to; none in a guest whose program is older than that.
    #[serde(default)]
    pub attestation: Option<Attested>,
}

impl GuestTree {
    /// What became of the request to sign; none where the record does not tell.
    pub fn attested(&self) -> Option<&Attested> {
        match &self.firstboot {
            Firstboot::Recorded { record, .. } => record.attestation.as_ref(),
            Firstboot::Never | Firstboot::Unreadable { .. } => None,
        }
    }

    /// The host keys to pin. A line that does not parse is left out: the observations call it malformed.
    pub fn pins(&self) -> Vec<PinnedKey> {
        self.host_keys.iter().filter_map(|key| PinnedKey::of_line(&key.public).ok()).collect()
    }
}
