//! The key under which confidential identities are kept.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// 32 random bytes, made when a ledger is first opened and kept in it: a copy of the ledger's rows alone does not
/// tell anybody's machine-id, which systemd asks to treat as confidential (machine-id(5)).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct FleetKey([u8; 32]);

impl FleetKey {
    /// A fresh key from the operating system.
    pub(super) fn draw() -> Result<Self, rand::rngs::SysError> {
        let mut bytes = [0; 32];
        SysRng.try_fill_bytes(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The key as `meta` and a key file hold it: 64 hex digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The key itself, for `meta` and for a file that only its owner may read.
    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }

    /// By which a key is known without being told: equal for equal keys.
    pub fn mark(&self) -> String {
        self.digest("fleet-key", "")
    }

    /// HMAC-SHA-256 of kind and value, as 64 hex digits: equal for equal values, telling nothing else.
    pub(crate) fn digest(&self, kind: &str, value: &str) -> String {
        // HMAC fills a short key up with zeros itself (RFC 2104); a whole block cannot be refused.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        block.zeroize();
        mac.update(kind.as_bytes());
        mac.update(b"\0");
        mac.update(value.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

impl fmt::Debug for FleetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FleetKey(…)")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let digits = b"0123456789abcdef";
        text.push(char::from(digits[usize::from(byte >> 4)]));
        text.push(char::from(digits[usize::from(byte & 15)]));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_text_and_never_shows_itself() {
        let key = FleetKey::draw().unwrap();
        let again = FleetKey::from_hex(&key.to_hex()).unwrap();
        assert_eq!(key.digest("machine-id", "x"), again.digest("machine-id", "x"));
        assert_eq!(format!("{key:?}"), "FleetKey(…)");
        assert!(FleetKey::from_hex("00").is_none());
    }

    /// The expected value was computed with Python's `hmac` module.
    #[test]
    fn digests_are_hmac_sha256() {
        let key = FleetKey([0; 32]);
        assert_eq!(key.digest("a", "b"), "5f4c8963bfc503bf0ef713905dd7bfdda9467de404901ca908222c4938d0f385");
        assert_ne!(key.digest("a", "bc"), key.digest("ab", "c"));
    }
}
