//! What the helper puts into a guest.

use serde::{Deserialize, Serialize};

/// Where the agent puts something. The helper knows the directory, the names and the rights of each; nobody else says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The customer's secrets: `secrets.env`.
    Secrets,
    /// cloud-init's seed: `user-data`, `meta-data`, `network-config`.
    Nocloud,
    /// What the first boot is to sign: `attestation-request.json`.
    Attestation,
    /// Certificates of the SSH host keys; the helper tells sshd of them in a file of its own.
    HostCertificates,
}

/// A file to be put into a place.
#[derive(Clone, Copy)]
pub struct PlacedFile<'a> {
    /// One of the place's names.
    pub name: &'a str,
    /// What it will hold; it may be a secret, and is wiped where it was copied.
    pub content: &'a [u8],
}

/// What a place holds now that it did not hold before.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Delivered {
    /// Names that were written.
    pub delivered: Vec<String>,
    /// Names that were there and are no more.
    pub withdrawn: Vec<String>,
}
