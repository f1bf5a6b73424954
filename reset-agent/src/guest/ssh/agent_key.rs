//! A key that an ssh-agent holds, as an alternative to one of the run's own: the private half never comes here.

use std::ffi::OsString;
use std::path::PathBuf;

use russh::client::Handle;
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::{AgentAuthError, client};
use ssh_key::{Algorithm, HashAlg};
use tokio::net::UnixStream;

/// sshd hangs up after so many (`MaxAuthTries`, 6) attempts; the last one is left to whoever looks at its log.
const MOST_OFFERED: usize = 5;

/// Where the agent listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentSocket {
    /// Here.
    At(PathBuf),
    /// Where `SSH_AUTH_SOCK` says.
    Environment,
}

/// Which of an ssh-agent's keys to log in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentKey {
    /// Where the ssh-agent listens.
    pub socket: AgentSocket,
    /// `SHA256:…` of the key; every key it holds is tried, where nothing is said.
    pub key: Option<String>,
}

/// Why an ssh-agent lets nobody in.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// Nobody says where it is.
    #[error("`ssh.agent` is \"env\", and SSH_AUTH_SOCK is not set: start an ssh-agent, or name its socket")]
    NoSocket,
    /// It cannot be reached.
    #[error("the ssh-agent at {} cannot be reached: does it run, and is its socket this user's?", socket.display())]
    Unreachable {
        /// Its socket.
        socket: PathBuf,
        /// Why not.
        #[source]
        source: russh::keys::Error,
    },
    /// It does not say which keys it holds.
    #[error("the ssh-agent at {} does not tell its keys", socket.display())]
    Untold {
        /// Its socket.
        socket: PathBuf,
        /// Why not.
        #[source]
        source: russh::keys::Error,
    },
    /// It holds no key that is wanted.
    #[error("the ssh-agent at {} holds {held} keys, and none is {wanted}: add it with ssh-add", socket.display())]
    NoKey {
        /// Its socket.
        socket: PathBuf,
        /// How many it holds.
        held: usize,
        /// What was looked for.
        wanted: String,
    },
    /// It does not sign.
    #[error("the ssh-agent at {} does not sign with {key}", socket.display())]
    Unsigned {
        /// Its socket.
        socket: PathBuf,
        /// `SHA256:…`
        key: String,
        /// Why not.
        #[source]
        source: Box<AgentAuthError>,
    },
}

impl AgentKey {
    /// The identities to offer, certificates first: a golden that trusts a CA knows no key.
    pub(super) fn offered(&self, held: &[AgentIdentity]) -> Vec<AgentIdentity> {
        let wanted = |identity: &&AgentIdentity| self.key.as_ref().is_none_or(|key| *key == fingerprint(identity));
        let (mut first, last): (Vec<_>, Vec<_>) = held
            .iter()
            .filter(wanted)
            .cloned()
            .partition(|identity| matches!(identity, AgentIdentity::Certificate { .. }));
        first.extend(last);
        first.truncate(MOST_OFFERED);
        first
    }

    /// The fingerprints of the keys that would be offered.
    ///
    /// # Errors
    /// [`AgentError`].
    pub async fn held(&self) -> Result<Vec<String>, AgentError> {
        Ok(self.ask().await?.offered.iter().map(fingerprint).collect())
    }

    async fn ask(&self) -> Result<Asked, AgentError> {
        let socket = self.socket.path(std::env::var_os("SSH_AUTH_SOCK"))?;
        let unreachable = |source| AgentError::Unreachable { socket: socket.clone(), source };
        let mut agent = AgentClient::connect_uds(&socket).await.map_err(unreachable)?;
        let untold = |source| AgentError::Untold { socket: socket.clone(), source };
        let held = agent.request_identities().await.map_err(untold)?;
        let offered = self.offered(&held);
        if offered.is_empty() {
            let wanted = self.key.clone().unwrap_or_else(|| "there to be tried".to_owned());
            return Err(AgentError::NoKey { socket, held: held.len(), wanted });
        }
        Ok(Asked { socket, agent, offered })
    }

    /// Logs in with one of the keys; false where all of them are refused.
    pub(super) async fn login<H: client::Handler>(
        &self,
        handle: &mut Handle<H>,
        user: &str,
    ) -> Result<bool, AgentError> {
        let Asked { socket, mut agent, offered } = self.ask().await?;
        for identity in offered {
            let key = fingerprint(&identity);
            let let_in = offer(handle, user, identity, &mut agent).await;
            if let_in.map_err(|source| AgentError::Unsigned {
                socket: socket.clone(),
                key,
                source: Box::new(source),
            })? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// An ssh-agent that was asked what it holds.
struct Asked {
    socket: PathBuf,
    agent: AgentClient<UnixStream>,
    offered: Vec<AgentIdentity>,
}

impl AgentSocket {
    fn path(&self, variable: Option<OsString>) -> Result<PathBuf, AgentError> {
        match self {
            Self::At(path) => Ok(path.clone()),
            Self::Environment => variable.filter(|set| !set.is_empty()).map(PathBuf::from).ok_or(AgentError::NoSocket),
        }
    }
}

async fn offer<H: client::Handler>(
    handle: &mut Handle<H>,
    user: &str,
    identity: AgentIdentity,
    agent: &mut AgentClient<UnixStream>,
) -> Result<bool, AgentAuthError> {
    // Of RSA's signatures the one that every sshd of today takes; other types have one only.
    let hash = matches!(identity.public_key().algorithm(), Algorithm::Rsa { .. }).then_some(HashAlg::Sha512);
    let result = match identity {
        AgentIdentity::Certificate { certificate, .. } => {
            handle.authenticate_certificate_with(user, certificate, hash, agent).await
        }
        AgentIdentity::PublicKey { key, .. } => handle.authenticate_publickey_with(user, key, hash, agent).await,
    };
    result.map(|result| result.success())
}

/// `SHA256:…` of the key itself, also of a certified one.
fn fingerprint(identity: &AgentIdentity) -> String {
    identity.public_key().fingerprint(HashAlg::Sha256).to_string()
}

#[cfg(test)]
mod tests {
    use ssh_key::PublicKey;

    use super::*;

    const A: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";
    const B: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFeAbxwyNDTmVSuKHq9C9ydR5n2tGpUXC5gXfWn4bOTz";

    fn held(line: &str) -> AgentIdentity {
        AgentIdentity::from(PublicKey::from_openssh(line).unwrap())
    }

    #[test]
    fn only_the_named_key_is_offered_and_never_more_than_sshd_takes() {
        let mut key = AgentKey { socket: AgentSocket::Environment, key: None };
        assert_eq!(key.offered(&[held(A), held(B)]).len(), 2);
        assert_eq!(key.offered(&vec![held(A); 20]).len(), MOST_OFFERED);
        key.key = Some(fingerprint(&held(B)));
        let offered = key.offered(&[held(A), held(B)]);
        assert_eq!(offered.iter().map(fingerprint).collect::<Vec<_>>(), [fingerprint(&held(B))]);
    }

    #[test]
    fn the_environment_is_asked_only_where_it_was_named() {
        let here = AgentSocket::At("/run/here".into());
        assert_eq!(here.path(Some("/run/there".into())).unwrap(), PathBuf::from("/run/here"));
        assert_eq!(AgentSocket::Environment.path(Some("/run/there".into())).unwrap(), PathBuf::from("/run/there"));
        for unset in [None, Some(OsString::new())] {
            assert!(matches!(AgentSocket::Environment.path(unset), Err(AgentError::NoSocket)));
        }
    }
}
