//! A guest's host certificate, looked at from outside: shown, for the pinned key, by the CA, valid for the name.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use russh::client::{self, Config};
use russh::keys::{Algorithm, PublicKeyOrCertificate};
use russh::{Disconnect, Preferred};
use ssh_key::certificate::{CertType, Certificate};
use ssh_key::{Fingerprint, PublicKey};

use super::host_key::{PinnedKey, Shown, compare};
use super::session::CONNECT_DEADLINE;

/// What a certificate is held against.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The guest's keys.
    pub keys: Vec<PinnedKey>,
    /// `SHA256:…` of the CA.
    pub ca: String,
    /// The names that it must be valid for.
    pub names: Vec<String>,
}

/// Why there is no good certificate.
#[derive(Debug, thiserror::Error)]
pub enum NotCertified {
    /// Nobody answers.
    #[error("no SSH server answers at {address}")]
    Unreachable {
        /// Where.
        address: SocketAddr,
        /// What came instead.
        #[source]
        source: russh::Error,
    },
    /// Nobody answers in time.
    #[error("the SSH server at {address} did not answer within {} s", CONNECT_DEADLINE.as_secs())]
    Silent {
        /// Where.
        address: SocketAddr,
    },
    /// The bare key is shown: sshd has not read the certificate, or does not know of it.
    #[error("the SSH server at {address} shows its key without a certificate")]
    Bare {
        /// Where.
        address: SocketAddr,
    },
    /// The certificate that is shown is not the one.
    #[error("the SSH server at {address} shows a host certificate (serial {serial}) that {why}")]
    Wrong {
        /// Where.
        address: SocketAddr,
        /// Its serial.
        serial: u64,
        /// What is wrong with it.
        why: String,
    },
}

/// Connects, looks, and leaves; gives the serial of the certificate that was shown. Nobody logs in.
///
/// # Errors
/// [`NotCertified`].
pub async fn look(address: SocketAddr, expected: &Expected) -> Result<u64, NotCertified> {
    let shown = Arc::new(Mutex::new(None));
    let looker = Looker { shown: Arc::clone(&shown) };
    let connecting = client::connect(Arc::new(config(&expected.keys)), address, looker);
    let connected = tokio::time::timeout(CONNECT_DEADLINE, connecting).await;
    let shown = shown.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (connected, shown) {
        (Ok(connected), Some(shown)) => {
            if let Ok(handle) = connected {
                drop(handle.disconnect(Disconnect::ByApplication, "", "en").await);
            }
            let Proof::Certificate(certificate) = shown else { return Err(NotCertified::Bare { address }) };
            let serial = certificate.serial();
            judge(&certificate, expected).map_err(|why| NotCertified::Wrong { address, serial, why })?;
            Ok(serial)
        }
        (Err(_), _) => Err(NotCertified::Silent { address }),
        (Ok(Err(source)), None) => Err(NotCertified::Unreachable { address, source }),
        (Ok(Ok(_)), None) => Err(NotCertified::Unreachable { address, source: russh::Error::UnknownKey }),
    }
}

fn config(keys: &[PinnedKey]) -> Config {
    let checkable: Vec<Algorithm> = keys.iter().filter_map(PinnedKey::checkable).collect();
    let host_key_certificates = Cow::Owned(checkable);
    Config { preferred: Preferred { host_key_certificates, ..Preferred::default() }, ..Config::default() }
}

/// By what a server proves who it is.
enum Proof {
    Bare,
    Certificate(Box<Certificate>),
}

/// Takes whatever is shown, and writes it down: it is judged afterwards, and nothing else is done with the connection.
struct Looker {
    shown: Arc<Mutex<Option<Proof>>>,
}

impl client::Handler for Looker {
    type Error = russh::Error;

    async fn check_server_key(&mut self, server: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let proof = server.certificate().map_or(Proof::Bare, |shown| Proof::Certificate(Box::new(shown.clone())));
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(proof);
        Ok(true)
    }
}

/// What is wrong with a certificate, if anything. That its holder has the private key, the key exchange has shown.
pub fn judge(certificate: &Certificate, expected: &Expected) -> Result<(), String> {
    let key = PublicKey::new(certificate.public_key().clone(), "");
    if compare(&expected.keys, &key) != Shown::Pinned {
        return Err(format!("is for the key {}, which is not pinned", PinnedKey::of(&key).fingerprint));
    }
    if certificate.cert_type() != CertType::Host {
        return Err("is no host certificate".to_owned());
    }
    if !certificate.critical_options().is_empty() {
        return Err("has critical options, of which a host certificate has none".to_owned());
    }
    let ca: Fingerprint = expected.ca.parse().map_err(|_| format!("cannot be held against the CA {}", expected.ca))?;
    certificate.validate([&ca]).map_err(|_| format!("is not signed by the CA {}, or not valid now", expected.ca))?;
    let names = certificate.valid_principals();
    match expected.names.iter().find(|name| !names.contains(name)) {
        Some(missing) => Err(format!("is not valid for {missing}, but for {}", names.join(", "))),
        None => Ok(()),
    }
}
