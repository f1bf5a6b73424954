//! The private half of a CA, as ssh-keygen writes it; and random numbers for what it signs.

use rand::TryRng;
use rand::rngs::SysRng;
use ssh_key::PrivateKey;
use zeroize::Zeroizing;

/// Why a CA signs nothing.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// Its private key does not parse.
    #[error("what `{setting}` names is no OpenSSH private key")]
    NoKey {
        /// The setting.
        setting: &'static str,
        /// What is wrong.
        #[source]
        source: ssh_key::Error,
    },
    /// Its private key has a passphrase.
    #[error("the key that `{setting}` names is protected by a passphrase: this program cannot ask for one")]
    Encrypted {
        /// The setting.
        setting: &'static str,
    },
    /// The system gave no random numbers.
    #[error("the system gives no random numbers")]
    Random(#[source] rand::rngs::SysError),
    /// A certificate could not be made.
    #[error("the certificate cannot be signed")]
    Certificate(#[source] ssh_key::Error),
}

/// Reads a CA's private key; `setting` says where it was named. The key is wiped when it is dropped.
pub(super) fn read(text: &Zeroizing<String>, setting: &'static str) -> Result<PrivateKey, AuthorityError> {
    let key = PrivateKey::from_openssh(text.as_bytes());
    let key = key.map_err(|source| AuthorityError::NoKey { setting, source })?;
    if key.is_encrypted() { Err(AuthorityError::Encrypted { setting }) } else { Ok(key) }
}

/// Random bytes of the system's, wiped when they are dropped.
pub(super) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, AuthorityError> {
    let mut bytes = Zeroizing::new([0_u8; N]);
    SysRng.try_fill_bytes(bytes.as_mut_slice()).map_err(AuthorityError::Random)?;
    Ok(bytes)
}
