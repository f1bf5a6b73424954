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
    /// Of a sparse file the parts that are stored, in order; between them are holes.
    pub sparse: Option<Vec<Part>>,
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
    /// Major and minor number of a device.
    pub device: Option<(u32, u32)>,
    /// Extended attributes, capabilities and ACLs, by name.
    pub attributes: Vec<Attribute>,
}

/// A stored part of a sparse file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Where in the file.
    pub offset: u64,
    /// Its bytes.
    pub length: u64,
}

/// An extended attribute, as the archive names it: `xattr.user.note`, `xattr.security.capability`, `acl.access`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its value; of an ACL its text.
    pub value: Vec<u8>,
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
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
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
            b'3' => Self::CharDevice,
            b'4' => Self::BlockDevice,
            b'5' => Self::Directory,
            b'6' => Self::Fifo,
            other => Self::Other(other),
        }
    }
}

impl MemberKind {
    /// As `find` and `tar --list` write it; a hard link is `h`.
    pub(crate) fn letter(self) -> char {
        match self {
            Self::File => 'f',
            Self::Directory => 'd',
            Self::Symlink => 'l',
            Self::HardLink => 'h',
            Self::CharDevice => 'c',
            Self::BlockDevice => 'b',
            Self::Fifo => 'p',
            Self::Other(byte) => char::from(byte),
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
            Self::CharDevice => "character device",
            Self::BlockDevice => "block device",
            Self::Fifo => "FIFO",
            Self::Other(_) => "member of another type",
        })
    }
}
