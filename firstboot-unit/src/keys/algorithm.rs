//! The host key types that a guest gets.

use std::fmt;
use std::path::Path;

/// A host key type that OpenSSH generates by default (`ssh-keygen -A`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyAlgorithm {
    /// RSA, 3072 bits.
    Rsa,
    /// ECDSA over NIST P-256.
    Ecdsa,
    /// Ed25519.
    Ed25519,
}

impl KeyAlgorithm {
    /// All of them, in the order of sshd's own defaults.
    pub const ALL: [Self; 3] = [Self::Rsa, Self::Ecdsa, Self::Ed25519];

    /// ssh-keygen's word for it (`-t`).
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ecdsa => "ecdsa",
            Self::Ed25519 => "ed25519",
        }
    }

    /// The file that sshd looks for when its configuration names none.
    pub fn default_path(self) -> String {
        format!("/etc/ssh/ssh_host_{}_key", self.word())
    }

    /// The type that a file of this name is meant to hold; Ed25519 where the name does not tell.
    pub fn meant_by(path: &Path) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        // Longest words first: every word but `rsa` is no part of another.
        [Self::Ed25519, Self::Ecdsa, Self::Rsa].into_iter().find(|a| name.contains(a.word())).unwrap_or(Self::Ed25519)
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_type() {
        for algorithm in KeyAlgorithm::ALL {
            assert_eq!(KeyAlgorithm::meant_by(Path::new(&algorithm.default_path())), algorithm);
        }
        assert_eq!(KeyAlgorithm::meant_by(Path::new("/srv/keys/host")), KeyAlgorithm::Ed25519);
    }
}
