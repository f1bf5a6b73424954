//! An SSH key's public half (RFC 4253 §6.6): a host key is known by its type and fingerprint.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use super::content::identified;
use super::wire::Wire;
use crate::identity::{IdentityKind, Seen};

/// A public key or certificate: its type's name and the bytes that fingerprints are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicHalf {
    /// OpenSSH's name of the type (`ssh-ed25519`).
    pub algorithm: String,
    blob: Vec<u8>,
}

/// A text that is no line of a `.pub` file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a public key")]
pub struct NotAPublicKey;

impl PublicHalf {
    /// From the bytes that travel on the wire: the type's name, then its numbers.
    pub fn from_blob(blob: &[u8]) -> Result<Self, NotAPublicKey> {
        let mut wire = Wire(blob);
        let algorithm = wire.name().filter(|name| is_type_name(name)).ok_or(NotAPublicKey)?.to_owned();
        if wire.string().is_none_or(<[u8]>::is_empty) {
            return Err(NotAPublicKey);
        }
        Ok(Self { algorithm, blob: blob.to_owned() })
    }

    /// From the first line of a `.pub` file: type, base64, comment.
    pub fn from_line(text: &str) -> Result<Self, NotAPublicKey> {
        let line = text.lines().find(|line| !line.trim().is_empty()).ok_or(NotAPublicKey)?;
        let mut words = line.split_ascii_whitespace();
        let (Some(algorithm), Some(encoded)) = (words.next(), words.next()) else { return Err(NotAPublicKey) };
        let blob = STANDARD.decode(encoded).map_err(|_| NotAPublicKey)?;
        let half = Self::from_blob(&blob)?;
        if half.algorithm == algorithm { Ok(half) } else { Err(NotAPublicKey) }
    }

    /// The bytes that travel on the wire.
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// As a line of a `.pub` or `known_hosts` file, without a comment.
    pub fn line(&self) -> String {
        format!("{} {}", self.algorithm, STANDARD.encode(&self.blob))
    }

    /// The fingerprint as OpenSSH prints it: `SHA256:` and unpadded base64.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&self.blob)))
    }

    /// The identity that the key is; `modified` in seconds since 1970.
    pub fn seen(&self, modified: i64) -> Seen {
        identified(IdentityKind::SshHostKey(self.algorithm.clone()), &self.fingerprint(), modified)
    }
}

/// Reads the content of a `.pub` file or certificate.
pub fn public_seen(text: &str, modified: i64) -> Seen {
    match PublicHalf::from_line(text) {
        Ok(public) => public.seen(modified),
        Err(_) if text.trim().is_empty() => Seen::Empty,
        Err(error) => Seen::Malformed { why: error.to_string() },
    }
}

fn is_type_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-@._".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by ssh-keygen; the fingerprint was printed by `ssh-keygen -lf`.
    const LINE: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILOpX6FQAMt/C1JSDMlJF4QhcCElB9+y1EyopBRu2iFv root@example\n";
    const FINGERPRINT: &str = "SHA256:he9Xwj0E/siV9lc3SdRBCjYlN6K8B+PVEL2kI3vJ2S4";

    #[test]
    fn a_line_round_trips_and_its_fingerprint_is_opensshs() {
        let half = PublicHalf::from_line(LINE).unwrap();
        assert_eq!(half.fingerprint(), FINGERPRINT);
        assert_eq!(half.line(), LINE.trim_end().trim_end_matches(" root@example"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let lying = LINE.replacen("ssh-ed25519", "ssh-rsa", 1);
        for text in ["", "\n", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-ed25519 %%%", "hello world", &lying] {
            assert_eq!(PublicHalf::from_line(text), Err(NotAPublicKey), "{text:?}");
        }
    }

    #[test]
    fn a_public_half_is_seen_by_type_and_fingerprint() {
        let seen = public_seen(LINE, 7);
        let identity = seen.identity().unwrap();
        assert_eq!(identity.kind, IdentityKind::SshHostKey("ssh-ed25519".into()));
        assert_eq!(identity.value, FINGERPRINT);
        assert_eq!(public_seen(" \n", 7), Seen::Empty);
        assert!(matches!(public_seen("hello world", 7), Seen::Malformed { .. }));
    }
}
