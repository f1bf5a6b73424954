//! The archive's bytes against the manifest.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use spec::release::Archive;

/// How far the archive's bytes were checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArchiveCheck {
    /// Every byte: size and SHA-256 are the manifest's.
    Digest,
    /// The node lists it with the manifest's size; its bytes are out of the agent's sight.
    SizeOnly,
    /// The node lists it, and nobody vouches for its bytes: a customer's own backup.
    Listed,
}

/// Why an archive is not the manifest's.
#[derive(Debug, thiserror::Error)]
pub enum DigestError {
    /// It cannot be read.
    #[error("the archive {path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Another size.
    #[error("the archive {name} has {found} bytes, its manifest says {expected}: it is not that release")]
    Size {
        /// The file or volume.
        name: String,
        /// Bytes there.
        found: u64,
        /// Bytes in the manifest.
        expected: u64,
    },
    /// Other bytes.
    #[error("the archive {path} has SHA-256 {found}, its manifest says {expected}: it was changed after its release")]
    Digest {
        /// The file.
        path: PathBuf,
        /// Its digest.
        found: String,
        /// The manifest's.
        expected: String,
    },
}

/// Checks size and digest of the archive that lies beside its manifest. `None` where no such file can be seen: the
/// agent may run far from the node.
///
/// # Errors
/// [`DigestError`]: the archive must not be restored.
pub fn check_beside(manifest: &Path, archive: &Archive) -> Result<Option<ArchiveCheck>, DigestError> {
    let path = manifest.with_file_name(&archive.file);
    let mut file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|source| DigestError::Unreadable { path: path.clone(), source })?,
    };
    let (bytes, digest) = hash(&mut file).map_err(|source| DigestError::Unreadable { path: path.clone(), source })?;
    check_size(&path.display().to_string(), bytes, archive)?;
    if digest != archive.sha256.as_str() {
        return Err(DigestError::Digest { path, found: digest, expected: archive.sha256.to_string() });
    }
    Ok(Some(ArchiveCheck::Digest))
}

/// Checks the size alone.
///
/// # Errors
/// [`DigestError::Size`].
pub fn check_size(name: &str, found: u64, archive: &Archive) -> Result<(), DigestError> {
    let expected = archive.bytes;
    if found == expected { Ok(()) } else { Err(DigestError::Size { name: name.to_owned(), found, expected }) }
}

fn hash(reader: &mut impl Read) -> io::Result<(u64, String)> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 256 << 10];
    let mut bytes = 0_u64;
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..read]);
        bytes += read as u64;
    }
    let hex = hasher.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    Ok((bytes, hex))
}

#[cfg(test)]
mod tests {
    use super::super::shelf::tests::manifest;
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn every_byte_counts() {
        let dir = tempfile::tempdir().unwrap();
        let beside = dir.path().join("manifest.json");
        let mut archive = manifest("g", "r", "local:backup/a").archive;
        archive.sha256 = ABC.parse().unwrap();
        assert_eq!(check_beside(&beside, &archive).unwrap(), None);
        let file = dir.path().join(&archive.file);
        std::fs::write(&file, "abc").unwrap();
        assert_eq!(check_beside(&beside, &archive).unwrap(), Some(ArchiveCheck::Digest));
        std::fs::write(&file, "abd").unwrap();
        assert!(matches!(check_beside(&beside, &archive), Err(DigestError::Digest { .. })));
        std::fs::write(&file, "abcd").unwrap();
        assert!(matches!(check_beside(&beside, &archive), Err(DigestError::Size { found: 4, .. })));
    }
}
