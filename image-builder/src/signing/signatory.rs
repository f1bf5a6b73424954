//! The principal whose key it is, and the one place where documents are signed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use spec::ids::Principal;
use spec::release::Namespace;
use spec::release::seal::{AllowedSigners, BadSigners, SealError};

use super::key::{Key, KeyError};
use super::source::KeySource;

/// Why there is no file of allowed signers.
#[derive(Debug, thiserror::Error)]
pub enum SignersError {
    /// It cannot be read.
    #[error("the allowed signers {path} cannot be read; name another file with --signers")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A line of it is not accepted.
    #[error("the allowed signers {path} are refused")]
    Refused {
        /// The file.
        path: PathBuf,
        /// The line.
        #[source]
        source: BadSigners,
    },
}

/// Why a document is not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignatoryError {
    /// The key.
    #[error("there is no signature")]
    Key(#[from] KeyError),
    /// The signature would count nowhere.
    #[error("nobody would accept this key's signature as {namespace}")]
    NotAllowed {
        /// What was to be signed.
        namespace: Namespace,
        /// Why not.
        #[source]
        source: SealError,
    },
}

/// Reads a file of allowed signers.
///
/// # Errors
/// It cannot be read, or a line of it is not accepted.
pub fn read_signers(path: &Path) -> Result<AllowedSigners, SignersError> {
    let text = fs::read_to_string(path).map_err(|source| SignersError::Unreadable { path: path.to_owned(), source })?;
    AllowedSigners::parse(&text).map_err(|source| SignersError::Refused { path: path.to_owned(), source })
}

/// Somebody who signs, known to the allowed signers.
#[derive(Debug)]
pub struct Signatory {
    key: Key,
    signers: AllowedSigners,
}

impl Signatory {
    /// The holder of that key.
    ///
    /// # Errors
    /// There is no such key.
    pub fn new(source: &KeySource, signers: AllowedSigners) -> Result<Self, KeyError> {
        Ok(Self { key: Key::open(source)?, signers })
    }

    /// The file that says whose signatures count.
    pub fn signers(&self) -> &AllowedSigners {
        &self.signers
    }

    /// Who it is, as far as this namespace goes.
    ///
    /// # Errors
    /// The key is nobody's, or may not sign this now: a signature would count nowhere.
    pub fn principal(&self, namespace: Namespace, now: Timestamp) -> Result<Principal, SignatoryError> {
        let owner = self.signers.owner(&self.key.public(), namespace, now);
        owner.cloned().map_err(|source| SignatoryError::NotAllowed { namespace, source })
    }

    /// Signs these bytes; the armored signature has been verified as others will verify it.
    ///
    /// # Errors
    /// The key does not sign, or its signature would not count.
    pub fn seal(&self, namespace: Namespace, bytes: &[u8], now: Timestamp) -> Result<String, SignatoryError> {
        self.principal(namespace, now)?;
        let seal = self.key.seal(namespace, bytes)?;
        let verified = self.signers.verify(namespace, bytes, seal.as_bytes(), now);
        verified.map(|_| seal).map_err(|source| SignatoryError::NotAllowed { namespace, source })
    }
}
