//! A run's own login: an ed25519 key pair made in memory, certified by the operator's user CA for a few minutes.
//!
//! Nothing of it is written anywhere. The pair is wiped when it is dropped, and the certificate dies by itself.

use std::time::{Duration, SystemTime};

use rand::TryRng;
use rand::rngs::SysRng;
use ssh_key::PrivateKey;
use ssh_key::certificate::{Builder, CertType, Certificate};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use zeroize::Zeroizing;

/// How long a certificate is good for: longer than the longest wait for a guest, shorter than a coffee break.
const VALID_FOR: Duration = Duration::from_mins(15);
/// Guests' clocks are the host's, but a second's rounding must not make a fresh certificate "not yet valid".
const VALID_SINCE: Duration = Duration::from_mins(1);

/// Why there is no login.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The CA's private key does not parse.
    #[error("the operator's user CA is no OpenSSH private key")]
    Authority(#[source] ssh_key::Error),
    /// The CA's private key has a passphrase.
    #[error("the operator's user CA is protected by a passphrase: this program cannot ask for one")]
    Encrypted,
    /// The system gave no random numbers.
    #[error("the system gives no random numbers")]
    Random(#[source] rand::rngs::SysError),
    /// The certificate could not be made.
    #[error("the certificate cannot be signed")]
    Certificate(#[source] ssh_key::Error),
}

/// A key pair and the certificate that lets it in.
pub struct Credential {
    /// The pair; its private half is wiped when dropped.
    pub key: PrivateKey,
    /// For one principal, for minutes.
    pub certificate: Certificate,
}

/// Makes a key pair and has it certified for `principal` by the CA whose private key is `authority`. `key_id` tells
/// in the guest's log which run it was.
///
/// # Errors
/// [`CredentialError`], without any of the secrets.
pub fn issue(authority: &Zeroizing<String>, principal: &str, key_id: &str) -> Result<Credential, CredentialError> {
    let ca = PrivateKey::from_openssh(authority.as_bytes()).map_err(CredentialError::Authority)?;
    if ca.is_encrypted() {
        return Err(CredentialError::Encrypted);
    }
    let seed = random::<32>()?;
    let pair = KeypairData::from(Ed25519Keypair::from_seed(&seed));
    let key = PrivateKey::new(pair, key_id).map_err(CredentialError::Certificate)?;
    let certificate = certify(&ca, &key, principal, key_id).map_err(CredentialError::Certificate)?;
    Ok(Credential { key, certificate })
}

fn certify(ca: &PrivateKey, key: &PrivateKey, principal: &str, key_id: &str) -> Result<Certificate, ssh_key::Error> {
    let nonce = random::<{ Builder::RECOMMENDED_NONCE_SIZE }>().map_err(|_| ssh_key::Error::Crypto)?;
    let now = SystemTime::now();
    let mut builder = Builder::new_with_validity_times(
        nonce.to_vec(),
        key.public_key().key_data().clone(),
        now - VALID_SINCE,
        now + VALID_FOR,
    )?;
    builder.cert_type(CertType::User)?.key_id(key_id)?.valid_principal(principal)?;
    builder.sign(ca)
}

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, CredentialError> {
    let mut bytes = Zeroizing::new([0_u8; N]);
    SysRng.try_fill_bytes(bytes.as_mut_slice()).map_err(CredentialError::Random)?;
    Ok(bytes)
}
