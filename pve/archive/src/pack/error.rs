//! Why a tree could not be packed.

use std::io;
use std::path::PathBuf;

/// Why a tree could not be packed. What was written of the archive is worth nothing.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Something in the tree does not read.
    #[error("cannot read {path}")]
    Read {
        /// Its path, from the tree's root.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file is longer or shorter than it was a moment ago: the tree is in use.
    #[error("{path} changes while it is packed; stop what writes to the tree")]
    Changing {
        /// Its path.
        path: PathBuf,
    },
    /// An owner that the guest cannot have.
    #[error("{path} belongs to {id}, which is no id of a guest whose ids begin at {base}")]
    Owner {
        /// Its path.
        path: PathBuf,
        /// The owner or group.
        id: u32,
        /// Where the guest's ids begin.
        base: u32,
    },
    /// An attribute that cannot be written down.
    #[error("{path} has an {attribute} that does not read")]
    Attribute {
        /// Its path.
        path: PathBuf,
        /// The attribute's name.
        attribute: String,
    },
    /// Directories lie too deep for any guest.
    #[error("{path} lies deeper than {limit} directories")]
    TooDeep {
        /// Its path.
        path: PathBuf,
        /// The most that there may be.
        limit: usize,
    },
    /// There is no configuration.
    #[error("the tree has no etc/vzdump/pct.conf, and none was given: without one the archive restores nothing")]
    NoConfiguration,
    /// The archive could not be written.
    #[error("cannot write the archive")]
    Write(#[source] io::Error),
}
