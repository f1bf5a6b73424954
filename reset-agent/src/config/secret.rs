//! Secrets by reference: the configuration names a file, and only its owner may read it.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use zeroize::Zeroizing;

/// No secret of ours is longer; a reference to something else is a mistake.
const LONGEST: u64 = 64 << 10;

/// Where a secret lies: `file:/absolute/path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRef(PathBuf);

/// Why a secret is not to be had; its content is never repeated.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The reference itself does not fit.
    #[error("{0:?} is no reference to a secret: write file:/absolute/path")]
    Reference(String),
    /// The file cannot be read.
    #[error("the secret in {path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Others may read the file.
    #[error("the secret in {path} is open to others (mode {mode:04o}): run chmod 600 {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not a secret of a sensible size.
    #[error("{path} is longer than 64 KiB: that is no secret of this program")]
    TooLong {
        /// The file.
        path: PathBuf,
    },
}

impl SecretRef {
    /// The file that holds the secret.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Reads the secret. The permissions are those of the file that was opened, so that no exchange of the path in
    /// between can slip in an open one.
    ///
    /// # Errors
    /// The file cannot be read, is open to group or others, or is too long.
    pub fn read(&self) -> Result<Zeroizing<String>, SecretError> {
        let path = || self.0.clone();
        let unreadable = |source| SecretError::Unreadable { path: path(), source };
        let mut file = File::open(&self.0).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        let mode = metadata.mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(SecretError::Open { path: path(), mode });
        }
        if metadata.len() > LONGEST {
            return Err(SecretError::TooLong { path: path() });
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(unreadable)?;
        Ok(text)
    }
}

impl FromStr for SecretRef {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        let path = text.strip_prefix("file:").map(Path::new).filter(|path| path.is_absolute());
        path.map(|path| Self(path.to_owned())).ok_or_else(|| SecretError::Reference(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn reads_a_closed_file_and_refuses_an_open_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        fs::write(&path, "s3cret").unwrap();
        let secret: SecretRef = format!("file:{}", path.display()).parse().unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let open = secret.read().unwrap_err();
        assert!(matches!(open, SecretError::Open { mode: 0o640, .. }), "{open}");
        assert!(!open.to_string().contains("s3cret"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(secret.read().unwrap().as_str(), "s3cret");
    }

    #[test]
    fn a_secret_never_stands_in_the_configuration_itself() {
        for text in ["s3cret", "file:relative", "env:TOKEN", ""] {
            assert!(text.parse::<SecretRef>().is_err(), "{text}");
        }
    }
}
