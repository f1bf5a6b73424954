//! A document with its signature: `X` and `X.sig`.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use spec::release::seal::{AllowedSigners, SEAL_LIMIT};
use spec::release::{Document, DocumentError, Namespace, Sealed, open};

use super::read::{ReadError, capped};
use crate::durable::{self, WriteError};
use crate::signing::{Signatory, SignatoryError};

/// Why a document does not count, or is not there.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// It, or its signature, cannot be read.
    #[error("a signed document is not to be had")]
    Read(#[from] ReadError),
    /// It does not count.
    #[error("{path} does not count")]
    Document {
        /// The document.
        path: PathBuf,
        /// Why not.
        #[source]
        source: DocumentError,
    },
}

impl SealedError {
    /// Whether the document, or its signature, is simply not there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Read(error) if error.is_absent())
    }
}

/// Why a document was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteSealedError {
    /// It was not signed.
    #[error("{path} is not signed")]
    Sign {
        /// The document.
        path: PathBuf,
        /// Why not.
        #[source]
        source: Box<SignatoryError>,
    },
    /// It, or its signature, could not be written.
    #[error("a signed document was not written")]
    Write(#[from] WriteError),
}

/// Where a document's signature lies.
pub fn seal_path(document: &Path) -> PathBuf {
    document.with_added_extension("sig")
}

/// Reads a document whose signature must count now.
pub(crate) fn open_file<D: Document>(
    path: &Path,
    signers: &AllowedSigners,
    now: Timestamp,
) -> Result<Sealed<D>, SealedError> {
    let bytes = capped(path, D::LIMIT)?;
    let seal = capped(&seal_path(path), SEAL_LIMIT)?;
    open(&bytes, &seal, signers, now).map_err(|source| SealedError::Document { path: path.to_owned(), source })
}

/// Signs a document and writes it, its signature first: without its document that says nothing.
pub(crate) fn write_sealed(
    path: &Path,
    bytes: &[u8],
    namespace: Namespace,
    signatory: &Signatory,
    now: Timestamp,
) -> Result<(), WriteSealedError> {
    seal_bytes(path, bytes, namespace, signatory, now)?;
    Ok(durable::write(path, bytes)?)
}

/// Signs a document that is there.
pub(crate) fn seal_bytes(
    path: &Path,
    bytes: &[u8],
    namespace: Namespace,
    signatory: &Signatory,
    now: Timestamp,
) -> Result<(), WriteSealedError> {
    let sealed = signatory.seal(namespace, bytes, now);
    let sealed = sealed.map_err(|error| WriteSealedError::Sign { path: path.to_owned(), source: Box::new(error) })?;
    Ok(durable::write(&seal_path(path), sealed.as_bytes())?)
}
