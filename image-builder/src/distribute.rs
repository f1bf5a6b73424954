//! A release at another place: its archive and everything beside it, proven to be the same, the manifest last.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use spec::ids::Sha256Hex;

use crate::digest;
use crate::dump::{self, DumpError};
use crate::releases::{Release, manifest_path};

/// Why a release is not at its other place. What had been copied is gone again, but where the error says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum DistributeError {
    /// The documents beside the archive cannot be listed.
    #[error("cannot see what lies beside the archive")]
    Documents(#[from] DumpError),
    /// Another file is there already.
    #[error("{path} is there already, with SHA-256 {found} instead of {expected}: remove it, or name another place")]
    Taken {
        /// The file.
        path: PathBuf,
        /// Its digest.
        found: Sha256Hex,
        /// The digest that the release has.
        expected: Sha256Hex,
    },
    /// A file was not copied.
    #[error("cannot copy to {path}")]
    Copy {
        /// Where to.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// What arrived is not what was sent.
    #[error("{path} has SHA-256 {found} instead of {expected}: the copy, or the archive itself, is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What arrived.
        found: Sha256Hex,
        /// What the manifest says.
        expected: Sha256Hex,
    },
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distributed {
    /// The manifest at its new place.
    pub manifest: PathBuf,
    /// Whether the archive was there already.
    pub was_there: bool,
    /// Documents that were copied.
    pub documents: usize,
}

/// Copies a release into a folder. Twice is harmless: a copy that is the same stays, its documents are brought up to
/// date.
pub fn distribute(release: &Release, to: &Path) -> Result<Distributed, DistributeError> {
    let archive = release.archive();
    let expected = &release.manifest.archive.sha256;
    let target = place(to, &archive);
    let copied = |path: &Path| {
        let path = path.to_owned();
        move |source| DistributeError::Copy { path, source }
    };
    let was_there = target.exists();
    if was_there {
        let found = digest::of_file(&target).map_err(copied(&target))?;
        if found != *expected {
            return Err(DistributeError::Taken { path: target, found, expected: expected.clone() });
        }
    } else {
        copy_proven(&archive, &target, expected)?;
    }
    let manifest = manifest_path(&archive);
    let others: Vec<PathBuf> =
        dump::documents(&archive)?.into_iter().filter(|path| is_document(path, &manifest)).collect();
    // A signature of the manifest tells nothing before the manifest is there, and whoever sees the manifest sees it signed.
    for document in others.iter().chain([&manifest]) {
        let path = place(to, document);
        copy(document, &path).map_err(copied(&path))?;
    }
    Ok(Distributed { manifest: place(to, &manifest), was_there, documents: others.len() + 1 })
}

fn place(to: &Path, file: &Path) -> PathBuf {
    to.join(file.file_name().unwrap_or_default())
}

/// Everything but the manifest and what is half written.
fn is_document(path: &Path, manifest: &Path) -> bool {
    path != manifest && path.extension().is_none_or(|end| end != "new")
}

/// Copies beside, asks the disk for what arrived, and only then gives it its name.
fn copy_proven(from: &Path, to: &Path, expected: &Sha256Hex) -> Result<(), DistributeError> {
    let unfinished = unfinished(to);
    let failed = |source| DistributeError::Copy { path: to.to_owned(), source };
    let proven = write(from, &unfinished).and_then(|()| digest::of_file(&unfinished)).map_err(failed);
    let outcome = proven.and_then(|found| {
        if found == *expected {
            named(&unfinished, to).map_err(failed)
        } else {
            Err(DistributeError::Damaged { path: to.to_owned(), found, expected: expected.clone() })
        }
    });
    if outcome.is_err() {
        // The first error counts; a leftover ends in `.new`, which nobody takes for an archive.
        let _ = fs::remove_file(&unfinished);
    }
    outcome
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let unfinished = unfinished(to);
    write(from, &unfinished)?;
    named(&unfinished, to)
}

fn unfinished(path: &Path) -> PathBuf {
    dump::beside(path, "new")
}

fn write(from: &Path, to: &Path) -> io::Result<()> {
    let (mut from, mut to) = (File::open(from)?, File::create(to)?);
    io::copy(&mut from, &mut to)?;
    to.sync_all()
}

fn named(unfinished: &Path, to: &Path) -> io::Result<()> {
    fs::rename(unfinished, to)?;
    File::open(to.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use spec::release::Manifest;

    use super::*;

    const ARCHIVE: &str = "vzdump-lxc-9000-x.tar.zst";

    fn release(dir: &Path, says: &[u8]) -> Release {
        let mut manifest: Manifest = serde_json::from_str(include_str!("../../spec/fixtures/manifest.json")).unwrap();
        ARCHIVE.clone_into(&mut manifest.archive.file);
        manifest.archive.sha256 = Sha256Hex::of(says);
        let path = dir.join(format!("{ARCHIVE}.manifest.json"));
        fs::write(dir.join(ARCHIVE), b"archive").unwrap();
        fs::write(dir.join(format!("{ARCHIVE}.manifest.json.sig")), "sig").unwrap();
        fs::write(dir.join(format!("{ARCHIVE}.lock.json.new")), "half").unwrap();
        let text = serde_json::to_vec(&manifest).unwrap();
        fs::write(&path, &text).unwrap();
        Release { manifest, path, sha256: Sha256Hex::of(&text) }
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_release_arrives_whole_and_twice_is_harmless() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let release = release(from.path(), b"archive");
        let first = distribute(&release, to.path()).unwrap();
        assert_eq!((first.was_there, first.documents), (false, 2));
        let all = [ARCHIVE.to_owned(), format!("{ARCHIVE}.manifest.json"), format!("{ARCHIVE}.manifest.json.sig")];
        assert_eq!(names(to.path()), all);
        assert!(distribute(&release, to.path()).unwrap().was_there);
        assert_eq!(names(to.path()), all);
    }

    #[test]
    fn a_damaged_archive_is_not_handed_on_and_another_file_is_not_overwritten() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let release = release(from.path(), b"what was signed");
        assert!(matches!(distribute(&release, to.path()), Err(DistributeError::Damaged { .. })));
        assert_eq!(names(to.path()), Vec::<String>::new());
        fs::write(to.path().join(ARCHIVE), "somebody's").unwrap();
        assert!(matches!(distribute(&release, to.path()), Err(DistributeError::Taken { .. })));
        assert_eq!(fs::read(to.path().join(ARCHIVE)).unwrap(), b"somebody's");
    }
}
