//! A lease as an advisory lock on a file per run.
//!
//! The kernel frees the lock when its holder's process ends, however it ends, so a run of a killed agent can be taken
//! over at once, and a run of a living one never, be it stopped for a day.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError, remove_file};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

/// The folder of lock files, beside the ledger.
#[derive(Debug, Clone)]
pub(crate) struct FileLeases {
    dir: PathBuf,
}

/// A lock held; dropped with its run's claim.
#[derive(Debug)]
pub(in crate::store) struct FileLease {
    _locked: File,
}

impl FileLeases {
    pub(in crate::store) fn in_dir(dir: PathBuf) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
        Ok(Self { dir })
    }

    /// `None` while someone else holds the run.
    pub(in crate::store) fn take(&self, run: &str) -> io::Result<Option<FileLease>> {
        let file = OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(self.path(run)?)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(FileLease { _locked: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether somebody works on the run now.
    pub(crate) fn is_held(&self, run: &str) -> io::Result<bool> {
        match File::open(self.path(run)?) {
            // Shared, so that two that look at once do not take each other for the holder.
            Ok(file) => match file.try_lock_shared() {
                Ok(()) => Ok(false),
                Err(TryLockError::WouldBlock) => Ok(true),
                Err(TryLockError::Error(error)) => Err(error),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Tidies up after a run that is closed. Whoever still locks the unlinked file finds the run closed: harmless.
    pub(in crate::store) fn forget(&self, run: &str) -> io::Result<()> {
        match remove_file(self.path(run)?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path(&self, run: &str) -> io::Result<PathBuf> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if run.is_empty() || !run.bytes().all(plain) {
            let message = format!("run id {run:?} is no file name: use letters, digits, - and _");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        Ok(self.dir.join(format!("{run}.lock")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_held_once_and_freed_when_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let leases = FileLeases::in_dir(dir.path().join("leases")).unwrap();
        let first = leases.take("r1").unwrap();
        assert!(first.is_some());
        assert!(leases.take("r1").unwrap().is_none(), "held twice");
        assert!(leases.take("r2").unwrap().is_some(), "runs do not disturb each other");
        assert!(leases.is_held("r1").unwrap() && !leases.is_held("r3").unwrap());
        drop(first);
        assert!(!leases.is_held("r1").unwrap());
        assert!(leases.take("r1").unwrap().is_some());
    }

    #[test]
    fn a_run_id_cannot_leave_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let leases = FileLeases::in_dir(dir.path().to_owned()).unwrap();
        for bad in ["", "../x", "a/b", "a.b"] {
            assert!(leases.take(bad).is_err(), "{bad:?}");
        }
    }
}
