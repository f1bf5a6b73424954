//! The lock's file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use spec::release::{LOCK_VERSION, Lock};

use crate::durable::{self, WriteError};

/// What its name has behind its archive's.
pub(crate) const ENDING: &str = "lock.json";
/// No lock is longer: some thousand packages have a few hundred kilobytes.
const MOST_BYTES: u64 = 16 << 20;

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockFileError {
    /// It could not be read.
    #[error("cannot read the lock {path}; `image-builder build --update-lock` writes one")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It is something else.
    #[error("{path} is no lock of this version; `image-builder build --update-lock` writes one")]
    NotALock {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// Its form is of another version.
    #[error("{path} is a lock of version {version}, this builder reads version {LOCK_VERSION}")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// It could not be written.
    #[error("the lock is not written")]
    Write(#[from] WriteError),
}

/// Where a recipe's lock is: `golden.lock` beside `golden.toml`.
pub fn beside_recipe(recipe: &Path) -> PathBuf {
    recipe.with_extension("lock")
}

/// Reads a lock.
pub fn read(path: &Path) -> Result<Lock, LockFileError> {
    let failed = |source| LockFileError::Read { path: path.to_owned(), source };
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > MOST_BYTES {
        return Err(failed(io::Error::other(format!("it has {size} bytes, a lock has at most {MOST_BYTES}"))));
    }
    let text = fs::read(path).map_err(failed)?;
    let lock: Lock =
        serde_json::from_slice(&text).map_err(|source| LockFileError::NotALock { path: path.to_owned(), source })?;
    match lock.version {
        LOCK_VERSION => Ok(lock),
        version => Err(LockFileError::Version { path: path.to_owned(), version }),
    }
}

/// Writes a lock, one field a line, so that git shows what changed.
pub fn write(path: &Path, lock: &Lock) -> Result<(), LockFileError> {
    let text = serde_json::to_string_pretty(lock)
        .map_err(|source| LockFileError::NotALock { path: path.to_owned(), source })?;
    Ok(durable::write(path, format!("{text}\n").as_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = include_str!("../../../spec/fixtures/lock.json");

    #[test]
    fn a_lock_is_written_whole_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = beside_recipe(&folder.path().join("golden.toml"));
        assert_eq!(path, folder.path().join("golden.lock"));
        let lock: Lock = serde_json::from_str(LOCK).unwrap();
        write(&path, &lock).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), LOCK);
        assert_eq!(read(&path).unwrap(), lock);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_lock_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("golden.lock");
        assert!(read(&path).unwrap_err().to_string().ends_with("`image-builder build --update-lock` writes one"));
        fs::write(&path, LOCK.replace("\"version\": 1,\n  \"golden\"", "\"version\": 2,\n  \"golden\"")).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("is a lock of version 2"));
        fs::write(&path, "{}").unwrap();
        assert!(matches!(read(&path), Err(LockFileError::NotALock { .. })));
    }
}
