//! The key itself, at hand or in an agent.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use spec::release::Namespace;
use spec::release::seal;
use ssh_key::PrivateKey;
use ssh_key::public::KeyData;

use super::agent::{AgentError, AgentKey};
use super::source::KeySource;

/// A private key's file is never longer.
const LONGEST: u64 = 64 << 10;

/// Why there is no signature. No key's content is ever repeated.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("the key {path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Others may read it.
    #[error("the key {path} is open to others (mode {mode:04o}): run chmod 600 {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is no private key.
    #[error("{path} holds no OpenSSH private key: make one with ssh-keygen -t ed25519")]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: ssh_key::Error,
    },
    /// It has a passphrase.
    #[error("the key {path} has a passphrase: add it to an ssh-agent and name it as agent:FINGERPRINT")]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// No credentials were passed.
    #[error("credential:{name} is for programs that systemd starts: CREDENTIALS_DIRECTORY is not set")]
    NoCredentials {
        /// The credential's name.
        name: String,
    },
    /// The agent.
    #[error("no key from the ssh-agent")]
    Agent(#[from] AgentError),
    /// The key cannot sign.
    #[error("the key does not sign")]
    Sign(#[source] ssh_key::Error),
}

/// A key that can sign.
#[derive(Debug)]
pub(super) enum Key {
    /// At hand.
    Here(Box<PrivateKey>),
    /// In an agent.
    Agent(AgentKey),
}

impl Key {
    /// The key that a source names.
    pub(super) fn open(source: &KeySource) -> Result<Self, KeyError> {
        match source {
            KeySource::File(path) => read(path).map(|key| Self::Here(Box::new(key))),
            KeySource::Credential(name) => {
                let folder = env::var_os("CREDENTIALS_DIRECTORY");
                let folder = folder.ok_or_else(|| KeyError::NoCredentials { name: name.clone() })?;
                read(&Path::new(&folder).join(name)).map(|key| Self::Here(Box::new(key)))
            }
            KeySource::Agent(wanted) => {
                let socket = env::var_os("SSH_AUTH_SOCK").ok_or(AgentError::NoAgent)?;
                Ok(Self::Agent(AgentKey::find(Path::new(&socket), wanted)?))
            }
        }
    }

    pub(super) fn public(&self) -> KeyData {
        match self {
            Self::Here(key) => key.public_key().key_data().clone(),
            Self::Agent(key) => key.public.key_data().clone(),
        }
    }

    /// The armored signature over these bytes.
    pub(super) fn seal(&self, namespace: Namespace, bytes: &[u8]) -> Result<String, KeyError> {
        match self {
            Self::Here(key) => seal::sign(key, namespace, bytes).map_err(KeyError::Sign),
            Self::Agent(key) => {
                let signature = key.sign(&seal::to_be_signed(namespace, bytes).map_err(KeyError::Sign)?)?;
                seal::armored(self.public(), namespace, signature).map_err(KeyError::Sign)
            }
        }
    }
}

fn read(path: &Path) -> Result<PrivateKey, KeyError> {
    let unreadable = |source| KeyError::Unreadable { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Open { path: path.to_owned(), mode });
    }
    let mut text = Vec::new();
    Read::by_ref(&mut file).take(LONGEST).read_to_end(&mut text).map_err(unreadable)?;
    let key = PrivateKey::from_openssh(&text);
    text.fill(0);
    let key = key.map_err(|source| KeyError::NotAKey { path: path.to_owned(), source })?;
    if key.is_encrypted() { Err(KeyError::Encrypted { path: path.to_owned() }) } else { Ok(key) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use ssh_key::LineEnding;
    use ssh_key::private::Ed25519Keypair;

    use super::*;

    #[test]
    fn a_key_that_others_may_read_or_that_is_none_is_refused_and_never_shown() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let key: PrivateKey = Ed25519Keypair::from_seed(&[7; 32]).into();
        fs::write(&path, key.to_openssh(LineEnding::LF).unwrap().as_bytes()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let source = KeySource::File(path.clone());
        assert!(matches!(Key::open(&source), Err(KeyError::Open { mode: 0o644, .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(Key::open(&source).unwrap().public(), *key.public_key().key_data());
        fs::write(&path, "s3cret").unwrap();
        let error = Key::open(&source).unwrap_err();
        assert!(matches!(error, KeyError::NotAKey { .. }) && !format!("{error:?}").contains("s3cret"));
    }
}
