//! What a run logs in with: an ed25519 key pair made in memory and certified by the operator's user CA for a few
//! minutes, or a key that an ssh-agent holds.
//!
//! Nothing of the pair is written anywhere. It is wiped when it is dropped, and its certificate dies by itself.

use std::time::{Duration, SystemTime};

use ssh_key::PrivateKey;
use ssh_key::certificate::{Builder, CertType, Certificate};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use zeroize::Zeroizing;

use super::agent_key::AgentKey;
use super::authority::{AuthorityError, random, read};

/// How long a certificate is good for: longer than the longest wait for a guest, shorter than a coffee break.
const VALID_FOR: Duration = Duration::from_mins(15);
/// Guests' clocks are the host's, but a second's rounding must not make a fresh certificate "not yet valid".
const VALID_SINCE: Duration = Duration::from_mins(1);

/// What a run logs in with.
pub enum Credential {
    /// A pair of its own.
    Certified(Box<CertifiedPair>),
    /// Somebody else's key, behind an ssh-agent.
    Agent(AgentKey),
}

/// A key pair and the certificate that lets it in.
pub struct CertifiedPair {
    /// The pair; its private half is wiped when dropped.
    pub key: PrivateKey,
    /// For one principal, for minutes.
    pub certificate: Certificate,
}

/// Makes a key pair and has it certified for `principal` by the CA whose private key is `authority`. `key_id` tells
/// in the guest's log which run it was.
///
/// # Errors
/// [`AuthorityError`], without any of the secrets.
pub fn issue(authority: &Zeroizing<String>, principal: &str, key_id: &str) -> Result<CertifiedPair, AuthorityError> {
    let ca = read(authority, "ssh.user_ca")?;
    let seed = random::<32>()?;
    let pair = KeypairData::from(Ed25519Keypair::from_seed(&seed));
    let key = PrivateKey::new(pair, key_id).map_err(AuthorityError::Certificate)?;
    let certificate = certify(&ca, &key, principal, key_id).map_err(AuthorityError::Certificate)?;
    Ok(CertifiedPair { key, certificate })
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
