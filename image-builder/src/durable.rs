//! Files that are there whole or not at all, also after the power failed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}")]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    #[source]
    pub source: io::Error,
}

/// Writes a file by rename: whoever looks sees the old one or the new one.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let written = || {
        let unfinished = unfinished(path);
        let mut file = File::create(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    written().map_err(|source| WriteError { path: path.to_owned(), source })
}

/// Where a file is while it is written.
pub(crate) fn unfinished(path: &Path) -> PathBuf {
    path.with_added_extension("new")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        for bytes in [b"one".as_slice(), b"two"] {
            write(&path, bytes).unwrap();
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert_eq!(write(Path::new("/nowhere/a"), b"").unwrap_err().to_string(), "cannot write /nowhere/a");
    }
}
