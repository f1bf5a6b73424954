//! What an SSH host key's public half tells of its strength.

use serde::{Deserialize, Serialize};

use crate::identity::reading::digest::hex;
use crate::identity::reading::host_key::PublicHalf;
use crate::identity::reading::wire::Wire;

/// The numbers of an RSA or DSA key (RFC 4253 §6.6); other types have one size each and nothing to compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFacts {
    /// Bits of the modulus.
    pub bits: u32,
    /// The modulus of an RSA key in lower-case hex digits: a public number, in which two keys may share a prime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modulus: Option<String>,
}

impl KeyFacts {
    /// What a public key tells; none for types of a fixed size, and for certificates.
    pub fn of(key: &PublicHalf) -> Option<Self> {
        let mut wire = Wire(key.blob());
        wire.string()?;
        // RSA has its exponent first, DSA its modulus (RFC 4253 §6.6).
        let is_rsa = match key.algorithm.as_str() {
            "ssh-rsa" => true,
            "ssh-dss" => false,
            _ => return None,
        };
        if is_rsa {
            wire.string()?;
        }
        let number = without_sign(wire.string()?);
        let first = number.first()?;
        let bits = u32::try_from(number.len()).ok()?.checked_mul(8)? - first.leading_zeros();
        Some(Self { bits, modulus: is_rsa.then(|| hex(number)) })
    }

    /// The modulus as big-endian bytes; none where there is none, or where it is no number.
    pub(super) fn modulus_bytes(&self) -> Option<Vec<u8>> {
        let digits = self.modulus.as_deref()?;
        let pairs = (0..digits.len()).step_by(2).map(|at| digits.get(at..at + 2));
        pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
    }
}

/// An `mpint` has a zero in front where its first bit is set.
fn without_sign(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(parts: &[&[u8]]) -> Vec<u8> {
        let packed = parts.iter().map(|part| {
            let length = u32::try_from(part.len()).unwrap().to_be_bytes();
            [length.as_slice(), part].concat()
        });
        packed.collect::<Vec<_>>().concat()
    }

    fn facts(parts: &[&[u8]]) -> Option<KeyFacts> {
        KeyFacts::of(&PublicHalf::from_blob(&blob(parts)).unwrap())
    }

    #[test]
    fn the_modulus_of_an_rsa_key_is_its_second_number() {
        let facts = facts(&[b"ssh-rsa", &[1, 0, 1], &[0, 0xC3, 0x05]]).unwrap();
        assert_eq!(facts, KeyFacts { bits: 16, modulus: Some("c305".into()) });
        assert_eq!(facts.modulus_bytes().unwrap(), [0xC3, 0x05]);
    }

    #[test]
    fn a_dsa_key_has_a_size_and_the_others_have_nothing_to_tell() {
        assert_eq!(facts(&[b"ssh-dss", &[0x7F, 1]]), Some(KeyFacts { bits: 15, modulus: None }));
        assert_eq!(facts(&[b"ssh-ed25519", &[7; 32]]), None);
        assert_eq!(facts(&[b"ssh-rsa", &[1]]), None, "cut");
    }
}
