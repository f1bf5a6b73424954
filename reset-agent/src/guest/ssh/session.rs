//! Connect, prove the host, log in.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::Disconnect;
use russh::client::{self, Handle};
use russh::keys::{Algorithm, PublicKeyOrCertificate};
use russh::{Preferred, client::Config};
use spec::ids::Vmid;

use super::agent_key::AgentError;
use super::credential::{CertifiedPair, Credential};
use super::host_key::{PinnedKey, Shown, compare};

/// TCP, key exchange and login together; a guest on the same bridge needs a tenth of a second.
pub(super) const CONNECT_DEADLINE: Duration = Duration::from_secs(15);
/// A guest that stopped reading must not hold up the run.
const GOODBYE_DEADLINE: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_mins(1);

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SshError {
    /// Nobody answers, or not in SSH; while a guest boots this passes.
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
    /// Somebody else answers, or the guest's keys were changed.
    #[error(
        "the SSH server at {address} is not guest {guest}: it shows {}, and pinned for the guest are {}; nothing was \
         sent to it. If the guest's keys were changed on purpose, destroy and provision it again, or recover it: the \
         new ones are pinned then; if not, find out who answers at its address", in_words(.shown), in_words_of(.pinned)
    )]
    ForeignKey {
        /// Where.
        address: SocketAddr,
        /// Which guest was to answer.
        guest: Vmid,
        /// What is pinned for it.
        pinned: Vec<PinnedKey>,
        /// What was shown.
        shown: Box<PinnedKey>,
    },
    /// No key of the guest is of a type that can be checked.
    #[error("none of the guest's host keys can be checked by this program: it needs an ed25519 or ECDSA key")]
    NoCheckableKey,
    /// The login was refused.
    #[error("the guest refuses the login as {user}: does the golden trust the operator's user CA, or the agent's key?")]
    LoginRefused {
        /// Who.
        user: String,
    },
    /// The ssh-agent does not help.
    #[error("nobody can log in to {address}")]
    Agent {
        /// Where.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: Box<AgentError>,
    },
    /// The session broke.
    #[error("the SSH session with {address} broke")]
    Broken {
        /// With whom.
        address: SocketAddr,
        /// How.
        #[source]
        source: russh::Error,
    },
}

fn in_words(key: &PinnedKey) -> String {
    format!("{} {}", key.algorithm, key.fingerprint)
}

fn in_words_of(keys: &[PinnedKey]) -> String {
    keys.iter().map(in_words).collect::<Vec<_>>().join(", ")
}

impl SshError {
    /// Whether a booting guest may still come to answer.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Silent { .. } | Self::Broken { .. })
    }
}

/// Which keys are taken.
#[derive(Debug, Clone)]
pub enum HostKeyCheck {
    /// This guest's and no others.
    Pinned {
        /// The guest.
        guest: Vmid,
        /// Its keys.
        keys: Vec<PinnedKey>,
    },
    /// The first one shown; for guests that nobody can look into.
    FirstContact,
}

/// A connection whose host is proven.
pub struct Session {
    pub(super) handle: Handle<Gatekeeper>,
    pub(super) address: SocketAddr,
    /// The key that the host has proven to hold.
    pub host_key: PinnedKey,
}

/// Looks at the host's key before anything of ours is sent.
pub(super) struct Gatekeeper {
    check: HostKeyCheck,
    shown: Arc<Mutex<Option<(PinnedKey, Shown)>>>,
}

impl client::Handler for Gatekeeper {
    type Error = russh::Error;

    async fn check_server_key(&mut self, server: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        // A certificate cannot come: none was advertised.
        let PublicKeyOrCertificate::PublicKey { key, .. } = server else { return Ok(false) };
        let verdict = match &self.check {
            HostKeyCheck::Pinned { keys, .. } => compare(keys, key),
            HostKeyCheck::FirstContact => Shown::Pinned,
        };
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some((PinnedKey::of(key), verdict));
        Ok(verdict == Shown::Pinned)
    }
}

/// Connects and proves the host. Nothing was authenticated yet: OpenSSH counts too many of these as an attack, so wait
/// with logins, not with this.
///
/// # Errors
/// [`SshError`]; [`SshError::may_pass`] tells whether waiting helps.
pub async fn connect(address: SocketAddr, check: HostKeyCheck) -> Result<Session, SshError> {
    let config = Arc::new(config(&check)?);
    let shown = Arc::new(Mutex::new(None));
    let gatekeeper = Gatekeeper { check: check.clone(), shown: Arc::clone(&shown) };
    let connecting = client::connect(config, address, gatekeeper);
    let connected = tokio::time::timeout(CONNECT_DEADLINE, connecting).await;
    let shown = shown.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (connected, shown) {
        (_, Some((shown, Shown::Foreign))) => Err(foreign(address, check, shown)),
        (Err(_), _) => Err(SshError::Silent { address }),
        (Ok(Ok(handle)), Some((host_key, Shown::Pinned))) => Ok(Session { handle, address, host_key }),
        (Ok(Ok(_)), None) => Err(SshError::Unreachable { address, source: russh::Error::UnknownKey }),
        (Ok(Err(source)), _) => Err(SshError::Unreachable { address, source }),
    }
}

fn foreign(address: SocketAddr, check: HostKeyCheck, shown: PinnedKey) -> SshError {
    match check {
        HostKeyCheck::Pinned { guest, keys } => {
            SshError::ForeignKey { address, guest, pinned: keys, shown: Box::new(shown) }
        }
        // Whoever takes the first key refuses none.
        HostKeyCheck::FirstContact => SshError::Unreachable { address, source: russh::Error::UnknownKey },
    }
}

fn config(check: &HostKeyCheck) -> Result<Config, SshError> {
    let mut preferred = Preferred::default();
    if let HostKeyCheck::Pinned { keys, .. } = check {
        let checkable: Vec<Algorithm> = keys.iter().filter_map(PinnedKey::checkable).collect();
        if checkable.is_empty() {
            return Err(SshError::NoCheckableKey);
        }
        // The others last: a server that has none of the pinned types shows what it has, and is refused by its name.
        let others = preferred.key.iter().filter(|algorithm| !checkable.contains(algorithm)).cloned();
        preferred.key = Cow::Owned(checkable.iter().cloned().chain(others).collect());
    }
    Ok(Config { preferred, inactivity_timeout: Some(SILENCE), nodelay: true, ..Config::default() })
}

impl Session {
    /// Logs in.
    ///
    /// # Errors
    /// [`SshError::LoginRefused`], [`SshError::Agent`], or the session broke.
    pub async fn login(&mut self, user: &str, credential: &Credential) -> Result<(), SshError> {
        let address = self.address;
        let attempt = async {
            match credential {
                Credential::Certified(pair) => self.present(user, pair).await,
                Credential::Agent(key) => key
                    .login(&mut self.handle, user)
                    .await
                    .map_err(|source| SshError::Agent { address, source: Box::new(source) }),
            }
        };
        match tokio::time::timeout(CONNECT_DEADLINE, attempt).await {
            Err(_) => Err(SshError::Silent { address }),
            Ok(Err(error)) => Err(error),
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(SshError::LoginRefused { user: user.to_owned() }),
        }
    }

    async fn present(&mut self, user: &str, pair: &CertifiedPair) -> Result<bool, SshError> {
        let key = Arc::new(pair.key.clone());
        let answer = self.handle.authenticate_openssh_cert(user, key, pair.certificate.clone()).await;
        answer.map(|result| result.success()).map_err(|source| SshError::Broken { address: self.address, source })
    }

    /// Says goodbye. That the other side hears it does not matter.
    pub async fn close(self) {
        let goodbye = self.handle.disconnect(Disconnect::ByApplication, "", "en");
        match tokio::time::timeout(GOODBYE_DEADLINE, goodbye).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "the SSH session was gone already"),
            Err(_) => tracing::debug!(address = %self.address, "nobody takes the goodbye"),
        }
    }
}
