//! Principals with keys of their own.

use jiff::Timestamp;
use spec::ids::Principal;
use spec::release::Namespace;
use spec::release::seal::{AllowedSigners, sign};
use ssh_key::PrivateKey;
use ssh_key::private::Ed25519Keypair;

/// A key that is the same in every run.
pub(crate) fn key(seed: u8) -> PrivateKey {
    Ed25519Keypair::from_seed(&[seed; 32]).into()
}

/// The armored signature.
pub(crate) fn seal(key: &PrivateKey, namespace: Namespace, bytes: &[u8]) -> String {
    sign(key, namespace, bytes).unwrap()
}

/// A line of `allowed_signers`.
pub(crate) fn line(principal: &str, options: &str, key: &PrivateKey) -> String {
    format!("{principal} {options} {}\n", key.public_key().to_openssh().unwrap())
}

pub(crate) fn signers(lines: &[String]) -> AllowedSigners {
    AllowedSigners::parse(&lines.concat()).unwrap()
}

pub(crate) fn principal(name: &str) -> Principal {
    name.parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}
