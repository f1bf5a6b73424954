//! An SSH public key as one line of text; a private key is recognised and refused.

use std::fmt;
use std::str::FromStr;

/// The types that OpenSSH 9 writes at the head of a public key.
const TYPES: &[&str] = &[
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

/// One public key as OpenSSH writes it: `TYPE BASE64 [COMMENT]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(String);

/// Why a text is not a public key. Never quotes the text: it might be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPublicKey {
    /// A private key: it must not come near an image.
    #[error("this is a PRIVATE key; give the public half (the file that ends in .pub)")]
    Private,
    /// Neither.
    #[error("this is not an OpenSSH public key; write one line: TYPE BASE64 [COMMENT]")]
    Malformed,
}

impl PublicKey {
    /// The line, without a line break.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a text claims to be a public key rather than the path of one.
    pub(super) fn looks_like_one(text: &str) -> bool {
        text.contains("PRIVATE KEY") || text.split_whitespace().next().is_some_and(|word| TYPES.contains(&word))
    }
}

impl FromStr for PublicKey {
    type Err = InvalidPublicKey;

    fn from_str(text: &str) -> Result<Self, InvalidPublicKey> {
        if text.contains("PRIVATE KEY") || text.contains("PuTTY-User-Key-File") {
            return Err(InvalidPublicKey::Private);
        }
        let line = text.trim();
        let mut words = line.split_whitespace();
        let known = words.next().is_some_and(|word| TYPES.contains(&word));
        let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        // Every key begins with the length of its type's name: three zero bytes, `AAAA` in base64.
        let body =
            words.next().is_some_and(|word| word.starts_with("AAAA") && word.len() > 40 && word.bytes().all(base64));
        if known && body && !line.contains(['\n', '\r']) {
            Ok(Self(line.to_owned()))
        } else {
            Err(InvalidPublicKey::Malformed)
        }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDemoDemoDemoDemoDemoDemoDemoDemoDemoDemoDem ca@example";

    #[test]
    fn a_public_key_is_taken_with_its_comment() {
        assert_eq!(format!("{KEY}\n").parse::<PublicKey>().unwrap().as_str(), KEY);
    }

    #[test]
    fn a_private_key_is_refused_by_its_content() {
        for text in
            ["-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl", "-----BEGIN RSA PRIVATE KEY-----", "PuTTY-User-Key-File-3: x"]
        {
            assert_eq!(text.parse::<PublicKey>(), Err(InvalidPublicKey::Private), "{text}");
        }
        for text in ["", "ssh-ed25519", "ssh-ed25519 short", "rsa AAAA", &format!("{KEY}\n{KEY}")] {
            assert_eq!(text.parse::<PublicKey>(), Err(InvalidPublicKey::Malformed), "{text}");
        }
    }
}
