//! Everything signed that lies beside a release's archive: manifest, verdict, and the records of its gates.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;
use spec::identity::Verdict;
use spec::ids::{Principal, Sha256Hex};
use spec::release::seal::AllowedSigners;
use spec::release::{Document, DocumentError, Evidence, Gate, Manifest, Namespace, Sealed, Standing, Statement, read};

use super::read::{ReadError, capped};
use super::sealed::{SealedError, WriteSealedError, open_file, write_sealed};
use crate::dump::{self, DumpError};
use crate::phases::{VERDICT, pretty};
use crate::releases::{Release, manifest_path};
use crate::signing::{Signatory, SignatoryError};

/// A release with what signatures say of it.
#[derive(Debug)]
pub struct Signed {
    /// The manifest, signed.
    pub manifest: Sealed<Manifest>,
    /// Its verdict, signed.
    pub verdict: Sealed<Statement>,
    /// Which gates count as passed.
    pub standing: Standing,
    /// Records that do not count, and why.
    pub passed_over: Vec<SealedError>,
}

/// Why what lies beside an archive does not hold together.
#[derive(Debug, thiserror::Error)]
pub enum BesideError {
    /// A document is not there, or does not count.
    #[error("the release is not signed so that it counts; `image-builder sign` signs it")]
    Sealed(#[from] SealedError),
    /// The verdict is another release's.
    #[error("{path} is not the verdict that the manifest names: expected SHA-256 {expected}, found {found}")]
    OtherVerdict {
        /// The verdict's file.
        path: PathBuf,
        /// The manifest's.
        expected: Sha256Hex,
        /// The file's.
        found: Sha256Hex,
    },
    /// The folder cannot be listed.
    #[error("the documents beside the archive cannot be listed")]
    List(#[from] DumpError),
    /// A document cannot be read.
    #[error("a document beside the archive cannot be read")]
    Read(#[from] ReadError),
    /// A document is none.
    #[error("a document beside the archive is none")]
    Form(#[from] DocumentError),
}

impl Signed {
    /// Reads it all. Records that do not count are passed over, and told.
    ///
    /// # Errors
    /// Manifest or verdict do not count, or do not belong together.
    pub fn of(archive: &Path, signers: &AllowedSigners, now: Timestamp) -> Result<Self, BesideError> {
        let manifest: Sealed<Manifest> = open_file(&manifest_path(archive), signers, now)?;
        let path = dump::beside(archive, VERDICT);
        let verdict: Sealed<Statement> = open_file(&path, signers, now)?;
        belongs(&manifest.document, path, &verdict.sha256)?;
        let mut records = Vec::new();
        let mut passed_over = Vec::new();
        for path in dump::documents(archive)?.iter().filter(|path| is_record(archive, path)) {
            match open_file::<Evidence>(path, signers, now) {
                Ok(record) => records.push(record),
                Err(error) => passed_over.push(error),
            }
        }
        let standing = Standing::of(&manifest.sha256, &records, now);
        Ok(Self { manifest, verdict, standing, passed_over })
    }
}

/// Manifest and verdict as they lie there, signed or not; they must belong together.
pub(crate) fn unsigned(archive: &Path) -> Result<(Vec<u8>, Vec<u8>), BesideError> {
    let manifest = capped(&manifest_path(archive), Manifest::LIMIT)?;
    let path = dump::beside(archive, VERDICT);
    let verdict = capped(&path, Statement::LIMIT)?;
    read::<Statement>(&verdict)?;
    belongs(&read(&manifest)?, path, &Sha256Hex::of(&verdict))?;
    Ok((manifest, verdict))
}

fn belongs(manifest: &Manifest, path: PathBuf, found: &Sha256Hex) -> Result<(), BesideError> {
    let expected = &manifest.verdict.sha256;
    if expected == found {
        return Ok(());
    }
    Err(BesideError::OtherVerdict { path, expected: expected.clone(), found: found.clone() })
}

/// Where a principal's record of a gate lies.
pub fn evidence_path(archive: &Path, gate: Gate, principal: &Principal) -> PathBuf {
    dump::beside(archive, &format!("{gate}-{principal}.json"))
}

fn is_record(archive: &Path, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let archive = archive.file_name().unwrap_or_default().to_string_lossy();
    let ending = name.strip_prefix(&*archive).and_then(|rest| rest.strip_prefix('.'));
    let gate = ending.and_then(|ending| ending.strip_suffix(".json")?.split_once('-'));
    gate.is_some_and(|(gate, _)| gate.parse::<Gate>().is_ok())
}

/// Why a record was not made.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The key is nobody's, or may not.
    #[error("no record of gate {gate} can be signed")]
    Who {
        /// The gate.
        gate: Gate,
        /// Why not.
        #[source]
        source: Box<SignatoryError>,
    },
    /// It has no JSON form.
    #[error("the record has no JSON form")]
    Form(#[from] serde_json::Error),
    /// It was not written.
    #[error("the record of gate {gate} was not written")]
    Write {
        /// The gate.
        gate: Gate,
        /// Why not.
        #[source]
        source: WriteSealedError,
    },
}

/// A record that was made.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Where it lies.
    pub path: PathBuf,
    /// What it says.
    pub evidence: Evidence,
    /// SHA-256 of its bytes.
    pub sha256: Sha256Hex,
}

/// Signs and writes what one principal says of one gate of a release; an earlier record of his is replaced.
///
/// # Errors
/// It cannot be signed, or not be written.
pub(super) fn record(
    release: &Release,
    gate: Gate,
    result: Verdict,
    details: Value,
    signatory: &Signatory,
    now: Timestamp,
) -> Result<Recorded, RecordError> {
    let principal = signatory.principal(Namespace::Evidence, now);
    let principal = principal.map_err(|error| RecordError::Who { gate, source: Box::new(error) })?;
    let evidence = Evidence {
        version: Evidence::VERSION,
        golden: release.manifest.golden.clone(),
        release: release.manifest.release.clone(),
        manifest: release.sha256.clone(),
        gate,
        result,
        principal,
        at: now,
        details,
    };
    let path = evidence_path(&release.archive(), gate, &evidence.principal);
    let bytes = pretty(&evidence)?;
    write_sealed(&path, &bytes, Namespace::Evidence, signatory, now)
        .map_err(|source| RecordError::Write { gate, source })?;
    Ok(Recorded { path, evidence, sha256: Sha256Hex::of(&bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_told_from_other_documents_by_their_names() {
        let archive = Path::new("/dump/a.tar.zst");
        let record = evidence_path(archive, Gate::Drilled, &"ci@example.org".parse().unwrap());
        assert_eq!(record, Path::new("/dump/a.tar.zst.drilled-ci@example.org.json"));
        assert!(is_record(archive, &record));
        for other in ["a.tar.zst.verdict.json", "a.tar.zst.built-x.json.sig", "b.tar.zst.built-x.json"] {
            assert!(!is_record(archive, &archive.with_file_name(other)), "{other}");
        }
    }
}
