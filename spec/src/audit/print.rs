//! Values reduced to prints of one size.

use std::hash::{BuildHasherDefault, Hasher};

use sha2::{Digest, Sha256};

use crate::identity::reading::digest::hex;

/// Half a SHA-256 of where a value counts and the value. Guests choose some of their values: no shorter or weaker hash
/// would keep one of them from being taken for another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Print([u8; 16]);

impl Print {
    /// The print of a value among those of one space (a kind) and one realm (a cluster), where there are several.
    pub(super) fn of(space: &str, realm: Option<&str>, value: &str) -> Self {
        // No part can run into the next: lengths stand in front.
        let mut sha = Sha256::new();
        for part in [space, realm.unwrap_or("\0"), value] {
            sha.update((part.len() as u64).to_le_bytes());
            sha.update(part.as_bytes());
        }
        let mut print = [0; 16];
        print.copy_from_slice(&sha.finalize()[..16]);
        Self(print)
    }

    /// Sixteen hex digits of it: the name of a finding.
    pub(super) fn name(self) -> String {
        hex(&self.0[..8])
    }
}

/// Prints are hashes: eight bytes of them are as good a hash as any.
#[derive(Default)]
pub(super) struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some((head, _)) = bytes.split_first_chunk::<8>() {
            self.0 = u64::from_le_bytes(*head);
        }
    }

    /// The length of the array comes first and says nothing.
    fn write_usize(&mut self, _: usize) {}
}

/// Makes [`Ready`].
pub(super) type BuildReady = BuildHasherDefault<Ready>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let prints = [Print::of("ab", None, "c"), Print::of("a", None, "bc"), Print::of("a", Some("b"), "c")];
        assert!(prints[0] != prints[1] && prints[1] != prints[2] && prints[0] != prints[2]);
        assert_eq!(Print::of("a", None, "b"), Print::of("a", None, "b"));
        assert_eq!(prints[0].name().len(), 16);
    }
}
