//! Keys for tests: right in every byte that is looked at, and useless to anybody.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::PublicHalf;

fn packed(string: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(string.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend_from_slice(string);
    bytes
}

fn blob(algorithm: &str, seed: u8) -> Vec<u8> {
    [packed(algorithm.as_bytes()), packed(&[seed; 32])].concat()
}

/// A public half that differs with its seed.
pub(crate) fn public(algorithm: &str, seed: u8) -> PublicHalf {
    PublicHalf::from_blob(&blob(algorithm, seed)).unwrap()
}

/// The private key file to [`public`].
pub(crate) fn private(algorithm: &str, seed: u8) -> String {
    let mut section = [&[9u8; 8][..], &blob(algorithm, seed), &packed(&[!seed; 64]), &packed(b"root@sample")].concat();
    for pad in 1u8.. {
        if section.len().is_multiple_of(8) {
            break;
        }
        section.push(pad);
    }
    let bytes = [
        b"openssh-key-v1\0".to_vec(),
        packed(b"none"),
        packed(b"none"),
        packed(b""),
        1u32.to_be_bytes().to_vec(),
        packed(&blob(algorithm, seed)),
        packed(&section),
    ]
    .concat();
    format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n", STANDARD.encode(bytes))
}
