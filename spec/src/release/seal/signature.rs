//! What is signed, and the armored file that comes of it.

use ssh_key::public::KeyData;
use ssh_key::{HashAlg, LineEnding, PrivateKey, Signature, SshSig};

use crate::release::Namespace;

/// Bytes that a signature's file may have.
pub const SEAL_LIMIT: usize = 16 << 10;

/// OpenSSH's own choice.
const HASH: HashAlg = HashAlg::Sha512;

/// Signs these bytes in this namespace with a key at hand; the signature's file.
///
/// # Errors
/// The key is encrypted, or of a kind that cannot sign here.
pub fn sign(key: &PrivateKey, namespace: Namespace, bytes: &[u8]) -> Result<String, ssh_key::Error> {
    key.sign(namespace.as_str(), HASH, bytes)?.to_pem(LineEnding::LF)
}

/// The bytes that a key signs for these bytes in this namespace. What holds the key may be elsewhere: a file, an agent.
///
/// # Errors
/// None that is known of; the library's type has them.
pub fn to_be_signed(namespace: Namespace, bytes: &[u8]) -> Result<Vec<u8>, ssh_key::Error> {
    SshSig::signed_data(namespace.as_str(), HASH, bytes)
}

/// The signature's file.
///
/// # Errors
/// The signature is of no form that can be written.
pub fn armored(key: KeyData, namespace: Namespace, signature: Signature) -> Result<String, ssh_key::Error> {
    SshSig::new(key, namespace.as_str(), HASH, signature)?.to_pem(LineEnding::LF)
}
