//! What can go wrong below a root.

use std::io;
use std::path::{Path, PathBuf};

/// An operation on a rooted tree that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path:?} of the tree {tree:?}")]
pub struct RootError {
    /// What was tried, as a verb.
    pub action: &'static str,
    /// The path inside the tree.
    pub path: PathBuf,
    /// The tree's own path, as it was opened.
    pub tree: PathBuf,
    /// Why not.
    #[source]
    pub cause: Cause,
}

/// Why an operation on a rooted tree failed.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The kernel said no.
    #[error(transparent)]
    Io(io::Error),
    /// The file is larger than its reader takes.
    #[error("it has {size} bytes, and at most {cap} are read")]
    TooBig {
        /// The file's size in bytes.
        size: u64,
        /// The reader's limit in bytes.
        cap: u64,
    },
    /// Something other than a regular file stands there.
    #[error("it is {found}, not a regular file")]
    NotAFile {
        /// What stands there instead.
        found: &'static str,
    },
    /// Directories are nested deeper than anything legitimate.
    #[error("its directories are nested deeper than {limit}")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// It is not in a state in which this can be done.
    #[error("{why}")]
    Unfit {
        /// Why not.
        why: &'static str,
    },
    /// The path names the tree itself.
    #[error("it is the tree itself")]
    TheTreeItself,
}

impl From<rustix::io::Errno> for Cause {
    fn from(errno: rustix::io::Errno) -> Self {
        Self::Io(errno.into())
    }
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Cause {
    /// Whether it says that nothing is there.
    pub(super) fn is_absence(&self) -> bool {
        matches!(self, Self::Io(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory))
    }

    pub(super) fn at(self, action: &'static str, path: &Path, tree: &Path) -> RootError {
        RootError { action, path: path.to_owned(), tree: tree.to_owned(), cause: self }
    }
}
