//! Which host keys a guest's sshd may show, and who vouches for them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ssh_key::{Algorithm, HashAlg, PublicKey};

/// Who vouches for a guest's host keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// The hypervisor: the helper read them in the guest's own tree.
    Hypervisor,
    /// Nobody: the first key that was shown was believed. Recorded as such.
    Tofu,
}

/// A host key known in full or by its fingerprint only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedKey {
    /// The key's type, `ssh-ed25519`.
    pub algorithm: String,
    /// `SHA256:…`, as OpenSSH prints it.
    pub fingerprint: String,
    /// The key in OpenSSH's one-line form without a comment, where the source gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
}

impl PinnedKey {
    /// The pin of a public key in OpenSSH's one-line form.
    ///
    /// # Errors
    /// The line does not parse as a public key.
    pub fn of_line(line: &str) -> Result<Self, ssh_key::Error> {
        PublicKey::from_openssh(line).map(|key| Self::of(&key))
    }

    /// The pin of a public key.
    pub fn of(key: &PublicKey) -> Self {
        let mut bare = key.clone();
        bare.set_comment("");
        Self {
            algorithm: key.algorithm().to_string(),
            fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
            public_key: bare.to_openssh().ok().map(|line| line.trim().to_owned()),
        }
    }

    /// The key's type in the SSH library's terms; `None` where it cannot check such keys (RSA, by choice).
    pub fn checkable(&self) -> Option<Algorithm> {
        Algorithm::from_str(&self.algorithm).ok().filter(|algorithm| !matches!(algorithm, Algorithm::Rsa { .. }))
    }
}

/// What a shown key is to the pins. Keys compare by type and fingerprint: a comment is no part of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It is one of them.
    Pinned,
    /// The pins know another key of its type, or do not know its type. Both are refused: accepting a key of a new
    /// type for a known host is how an attacker gets in.
    Foreign,
}

/// Holds a shown key against the pins.
pub fn compare(pins: &[PinnedKey], shown: &PublicKey) -> Shown {
    let shown = PinnedKey::of(shown);
    let same = |pin: &PinnedKey| pin.algorithm == shown.algorithm && pin.fingerprint == shown.fingerprint;
    if pins.iter().any(same) { Shown::Pinned } else { Shown::Foreign }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti root@a";
    const B: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFeAbxwyNDTmVSuKHq9C9ydR5n2tGpUXC5gXfWn4bOTz root@b";

    #[test]
    fn a_comment_is_no_part_of_a_key() {
        let pin = PinnedKey::of_line(A).unwrap();
        let other_comment = PublicKey::from_openssh(&A.replace("root@a", "somebody")).unwrap();
        assert_eq!(compare(std::slice::from_ref(&pin), &other_comment), Shown::Pinned);
        assert!(!pin.public_key.unwrap().contains("root@a"));
    }

    #[test]
    fn another_key_is_foreign_and_without_pins_every_key_is() {
        let shown = PublicKey::from_openssh(B).unwrap();
        assert_eq!(compare(&[PinnedKey::of_line(A).unwrap()], &shown), Shown::Foreign);
        assert_eq!(compare(&[], &shown), Shown::Foreign);
    }
}
