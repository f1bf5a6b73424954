//! The public keys that open guests, read before anything is touched.

use std::io;
use std::path::{Path, PathBuf};

use spec::recipe::{Access, InvalidPublicKey, KeySource, PublicKey};

/// More than any public key has.
const KEY_BYTES: u64 = 64 << 10;

/// Who may log in to guests of a golden, with the keys themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// Nobody by SSH.
    None,
    /// Whoever holds a user certificate of this CA.
    UserCa(PublicKey),
    /// The holders of these keys.
    AdminKeys(Vec<PublicKey>),
}

/// Why a key is none.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// A key's file could not be read.
    #[error("cannot read the public key {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A key's file holds something else.
    #[error("{path} holds no public key")]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// What it holds.
        #[source]
        source: InvalidPublicKey,
    },
}

impl Login {
    /// Reads the keys that a recipe names; relative paths start from `dir`.
    pub fn read(access: &Access, dir: &Path) -> Result<Self, LoginError> {
        match access {
            Access::None => Ok(Self::None),
            Access::UserCa(source) => Ok(Self::UserCa(key(source, dir)?)),
            Access::AdminKeys(sources) => {
                sources.iter().map(|source| key(source, dir)).collect::<Result<_, _>>().map(Self::AdminKeys)
            }
        }
    }
}

impl Login {
    /// The keys, one line each.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::UserCa(key) => vec![key.to_string()],
            Self::AdminKeys(keys) => keys.iter().map(ToString::to_string).collect(),
        }
    }
}

fn key(source: &KeySource, dir: &Path) -> Result<PublicKey, LoginError> {
    match source {
        KeySource::Inline(key) => Ok(key.clone()),
        KeySource::File(file) => read_file(dir.join(file)),
    }
}

fn read_file(path: PathBuf) -> Result<PublicKey, LoginError> {
    let text = match std::fs::metadata(&path) {
        // Opening a pipe would wait for its other end.
        Ok(metadata) if !metadata.is_file() => Err(io::Error::other("it is no regular file")),
        Ok(metadata) if metadata.len() > KEY_BYTES => Err(io::Error::other("it is far too big for a public key")),
        Ok(_) => std::fs::read_to_string(&path),
        Err(error) => Err(error),
    };
    match text {
        Ok(text) => text.parse().map_err(|source| LoginError::NotAKey { path, source }),
        Err(source) => Err(LoginError::Read { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_is_refused_with_its_path_and_without_its_content() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("operator_ca");
        std::fs::write(&path, "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n").unwrap();
        let error = read_file(path).unwrap_err();
        assert!(error.to_string().contains("operator_ca"), "{error}");
        assert!(!format!("{error:?}").contains("c2VjcmV0"), "{error:?}");
        assert!(matches!(error, LoginError::NotAKey { source: InvalidPublicKey::Private, .. }));
    }

    #[test]
    fn a_directory_or_a_device_is_no_key() {
        for path in ["/tmp", "/dev/zero"] {
            let error = read_file(path.into()).unwrap_err();
            assert!(matches!(&error, LoginError::Read { source, .. } if source.to_string().contains("regular")));
        }
    }

    #[test]
    fn a_missing_key_is_named() {
        let error = read_file("/nowhere/ca.pub".into()).unwrap_err();
        assert_eq!(error.to_string(), "cannot read the public key /nowhere/ca.pub");
    }
}
