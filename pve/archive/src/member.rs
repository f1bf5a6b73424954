//! One member of an archive, sparse and long forms resolved.

use std::fmt;

/// One member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its number, from 1.
    pub number: u64,
    /// The name as the archive gives it, sparse and long names resolved; any bytes.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: MemberKind,
    /// The size of the file once unpacked, holes included.
    pub size: u64,
    /// Bytes of content in the archive.
    pub stored: u64,
    /// Whether the stored bytes are only the parts between holes.
    pub sparse: bool,
    /// Permission bits.
    pub mode: u32,
    /// Owner inside the guest.
    pub uid: u64,
    /// Group inside the guest.
    pub gid: u64,
    /// Modification time, seconds since 1970.
    pub mtime: u64,
    /// Where a symbolic or hard link leads, as written.
    pub link: Option<Vec<u8>>,
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// A file with content.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// Another name of a file that came before.
    HardLink,
    /// A character or block device.
    Device,
    /// A FIFO.
    Fifo,
    /// Anything else, by its type byte.
    Other(u8),
}

impl MemberKind {
    /// From the type byte of a header.
    pub(crate) fn from_byte(byte: u8) -> Self {
        match byte {
            b'0' | 0 | b'S' => Self::File,
            b'1' => Self::HardLink,
            b'2' => Self::Symlink,
            b'3' | b'4' => Self::Device,
            b'5' => Self::Directory,
            b'6' => Self::Fifo,
            other => Self::Other(other),
        }
    }
}

impl Member {
    /// The path below the guest's root without `./` and closing slash: `etc/hostname`; empty for the root itself.
    pub fn path(&self) -> Vec<u8> {
        normal(&self.name)
    }

    /// The name for people: escaped where it is not plain text.
    pub fn shown(&self) -> String {
        shown(&self.name)
    }
}

/// A name without empty and `.` components.
pub(crate) fn normal(name: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = name.split(|b| *b == b'/').filter(|part| !part.is_empty() && *part != b".").collect();
    parts.join(&b'/')
}

/// Bytes for people.
pub(crate) fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

impl fmt::Display for MemberKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::File => "file",
            Self::Directory => "directory",
            Self::Symlink => "symbolic link",
            Self::HardLink => "hard link",
            Self::Device => "device",
            Self::Fifo => "FIFO",
            Self::Other(_) => "member of another type",
        })
    }
}
