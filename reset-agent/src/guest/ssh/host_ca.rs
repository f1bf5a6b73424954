//! Host certificates: the fleet's CA says which host keys are a guest's, to everybody who knows the CA.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use spec::ids::{Hostname, Vmid};
use ssh_key::certificate::{Builder, CertType, Certificate};
use ssh_key::{Algorithm, HashAlg, PrivateKey, PublicKey};
use zeroize::Zeroizing;

use super::authority::{AuthorityError, random, read};
use super::host_key::PinnedKey;

/// Clocks of clients that are a little late must not find a certificate "not yet valid". It is part of the validity,
/// not added to it.
const VALID_SINCE: Duration = Duration::from_mins(5);

/// The fleet's host CA. Its private half is wiped when it is dropped, and never shown.
pub struct HostCa(PrivateKey);

/// Whom a certificate is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The guest.
    pub vmid: Vmid,
    /// Its name.
    pub hostname: Hostname,
    /// Where it is reached.
    pub address: IpAddr,
}

impl Subject {
    /// What the certificate is valid for.
    pub fn principals(&self) -> [String; 2] {
        [self.hostname.to_string(), self.address.to_string()]
    }

    /// How it is called in logs.
    pub fn key_id(&self) -> String {
        format!("guest-{}", self.vmid)
    }
}

impl HostCa {
    /// The CA whose private key this is.
    ///
    /// # Errors
    /// [`AuthorityError::NoKey`], [`AuthorityError::Encrypted`]; nothing of the key is told.
    pub fn read(text: &Zeroizing<String>) -> Result<Self, AuthorityError> {
        read(text, "ssh.host_ca").map(Self)
    }

    /// Its public half, in OpenSSH's one-line form without a comment.
    ///
    /// # Errors
    /// The key cannot be written so.
    pub fn public(&self) -> Result<String, AuthorityError> {
        let mut public = self.0.public_key().clone();
        public.set_comment("");
        public.to_openssh().map(|line| line.trim().to_owned()).map_err(AuthorityError::Certificate)
    }

    /// `SHA256:…` of its public half.
    pub fn fingerprint(&self) -> String {
        self.0.public_key().fingerprint(HashAlg::Sha256).to_string()
    }

    /// Certifies a host key for a subject, for so long. The serial is drawn.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn certify(
        &self,
        key: &PublicKey,
        subject: &Subject,
        valid_for: Duration,
    ) -> Result<Certificate, AuthorityError> {
        let since = SystemTime::now() - VALID_SINCE;
        let nonce = random::<{ Builder::RECOMMENDED_NONCE_SIZE }>()?;
        let serial = u64::from_be_bytes(*random::<8>()?);
        let certificate = || {
            let mut builder =
                Builder::new_with_validity_times(nonce.to_vec(), key.key_data().clone(), since, since + valid_for)?;
            builder.cert_type(CertType::Host)?.serial(serial)?.key_id(subject.key_id())?;
            for principal in subject.principals() {
                builder.valid_principal(principal)?;
            }
            builder.sign(&self.0)
        };
        certificate().map_err(AuthorityError::Certificate)
    }
}

/// The name of a host key's certificate in `/etc/ssh`: sshd's name for the key of its type. `None` for a type that sshd
/// does not make by itself, and for a key that is known by its fingerprint only.
pub fn file_of(pin: &PinnedKey) -> Option<&'static str> {
    pin.public_key.as_ref()?;
    match pin.algorithm.parse().ok()? {
        Algorithm::Ed25519 => Some("ssh_host_ed25519_key-cert.pub"),
        Algorithm::Ecdsa { .. } => Some("ssh_host_ecdsa_key-cert.pub"),
        Algorithm::Rsa { .. } => Some("ssh_host_rsa_key-cert.pub"),
        _ => None,
    }
}
