//! A key's public half.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use super::wire::Wire;

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
    pub(super) fn from_blob(blob: &[u8]) -> Result<Self, NotAPublicKey> {
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

    /// As a line of a `.pub` or `known_hosts` file, without a comment.
    pub fn line(&self) -> String {
        format!("{} {}", self.algorithm, STANDARD.encode(&self.blob))
    }

    /// The fingerprint as OpenSSH prints it: `SHA256:` and unpadded base64.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&self.blob)))
    }
}

fn is_type_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-@._".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_round_trips_and_its_fingerprint_is_opensshs() {
        // Made by ssh-keygen; the fingerprint was printed by `ssh-keygen -lf`.
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILOpX6FQAMt/C1JSDMlJF4QhcCElB9+y1EyopBRu2iFv root@example\n";
        let half = PublicHalf::from_line(line).unwrap();
        assert_eq!(half.fingerprint(), "SHA256:he9Xwj0E/siV9lc3SdRBCjYlN6K8B+PVEL2kI3vJ2S4");
        assert_eq!(half.line(), line.trim_end().trim_end_matches(" root@example"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let half = super::super::sample::public("ssh-ed25519", 7);
        let lying = half.line().replacen("ssh-ed25519", "ssh-rsa", 1);
        for text in ["", "\n", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-ed25519 %%%", "hello world", &lying] {
            assert_eq!(PublicHalf::from_line(text), Err(NotAPublicKey), "{text:?}");
        }
    }
}
