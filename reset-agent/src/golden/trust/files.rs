//! A document and its signature, read within limits.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use spec::release::seal::{AllowedSigners, SEAL_LIMIT, SealError};
use spec::release::{Document, DocumentError, Sealed, open};

use super::refusal::Refusal;

/// A document is replaced in two renames. Who reads between them looks again, for so long at most.
const REPLACED_WITHIN: Duration = Duration::from_secs(1);

/// Between two looks.
const AGAIN: Duration = Duration::from_millis(50);

/// Where a document's signature lies.
fn seal_of(path: &Path) -> PathBuf {
    path.with_added_extension("sig")
}

/// Reads a file of at most so many bytes; none where there is none.
pub(super) fn capped(path: &Path, limit: usize) -> Result<Option<Vec<u8>>, Refusal> {
    let unreadable = |source| Refusal::Unreadable { path: path.to_owned(), source };
    // Looked at before it is opened: opening a pipe would wait for its writer.
    match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
        Ok(metadata) if !metadata.is_file() => {
            return Err(Refusal::NotADocument { path: path.to_owned(), limit });
        }
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).map_err(unreadable)?.take(most).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > limit { Err(Refusal::NotADocument { path: path.to_owned(), limit }) } else { Ok(Some(bytes)) }
}

/// Reads a document whose signature must count now; none where there is no document.
#[expect(clippy::disallowed_methods, reason = "between two looks, up to a deadline")]
pub(super) fn sealed<D: Document>(
    path: &Path,
    signers: &AllowedSigners,
    now: Timestamp,
) -> Result<Option<Sealed<D>>, Refusal> {
    let began = Instant::now();
    loop {
        let Some(bytes) = capped(path, D::LIMIT)? else { return Ok(None) };
        let seal = capped(&seal_of(path), SEAL_LIMIT)?;
        let seal = seal.ok_or_else(|| Refusal::Unsigned { path: path.to_owned() })?;
        match open(&bytes, &seal, signers, now) {
            Ok(sealed) => return Ok(Some(sealed)),
            Err(error) if is_between(&error) && began.elapsed() < REPLACED_WITHIN => thread::sleep(AGAIN),
            Err(error) => return Err(Refusal::Document { path: path.to_owned(), source: Box::new(error) }),
        }
    }
}

/// What a reader sees between the two renames: the new signature over the old document.
fn is_between(error: &DocumentError) -> bool {
    matches!(error, DocumentError::Seal { source: SealError::OtherBytes { .. }, .. })
}
