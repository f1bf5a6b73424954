//! What stands at a path.

use std::ffi::OsString;

use rustix::fs::FileType;

/// The kind of a directory entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A device, socket or pipe.
    Special,
}

impl Kind {
    /// The kind with its article, for messages.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::File => "a regular file",
            Self::Directory => "a directory",
            Self::Link => "a symbolic link",
            Self::Special => "a device, socket or pipe",
        }
    }
}

impl From<FileType> for Kind {
    fn from(kind: FileType) -> Self {
        match kind {
            FileType::RegularFile => Self::File,
            FileType::Directory => Self::Directory,
            FileType::Symlink => Self::Link,
            _ => Self::Special,
        }
    }
}

/// One name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The bare name.
    pub name: OsString,
    /// What it is; links are not followed.
    pub kind: Kind,
}

/// Facts about what stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Bytes.
    pub size: u64,
    /// Permission bits, with set-id and sticky.
    pub mode: u32,
    /// Owner, as the caller's user namespace numbers it.
    pub uid: u32,
    /// Group, likewise.
    pub gid: u32,
    /// Modification time in seconds since 1970.
    pub modified: i64,
    pub(super) device: u64,
    pub(super) inode: u64,
}

impl From<rustix::fs::Stat> for Stat {
    fn from(stat: rustix::fs::Stat) -> Self {
        Self {
            kind: FileType::from_raw_mode(stat.st_mode).into(),
            size: u64::try_from(stat.st_size).unwrap_or(0),
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            modified: stat.st_mtime,
            device: stat.st_dev,
            inode: stat.st_ino,
        }
    }
}

impl Stat {
    /// Whether both describe one and the same object.
    pub(super) fn same_object(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}
