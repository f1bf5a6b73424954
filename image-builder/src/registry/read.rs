//! A file read whole, unless it is longer than it may be.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system says no.
    #[error("cannot read {path}")]
    System {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A pipe, a device, a folder.
    #[error("{path} is no file")]
    NoFile {
        /// What was to be read.
        path: PathBuf,
    },
    /// Endless data.
    #[error("{path} has more than {limit} bytes: it is not what its name says")]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The most that it may have.
        limit: usize,
    },
}

impl ReadError {
    /// Whether there is simply nothing.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::System { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

/// Reads a file of at most so many bytes.
pub(crate) fn capped(path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
    let system = |source| ReadError::System { path: path.to_owned(), source };
    // Looked at before it is opened: opening a pipe would wait for its writer.
    if !path.metadata().map_err(system)?.is_file() {
        return Err(ReadError::NoFile { path: path.to_owned() });
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).map_err(system)?.take(most).read_to_end(&mut bytes).map_err(system)?;
    if bytes.len() > limit { Err(ReadError::TooLong { path: path.to_owned(), limit }) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endless_data() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, "1234").unwrap();
        assert_eq!(capped(&path, 4).unwrap(), b"1234");
        assert!(matches!(capped(&path, 3), Err(ReadError::TooLong { limit: 3, .. })));
        assert!(matches!(capped(Path::new("/dev/zero"), 3), Err(ReadError::NoFile { .. })));
        assert!(capped(&dir.path().join("y"), 3).unwrap_err().is_absent());
    }
}
