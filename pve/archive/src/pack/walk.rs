//! The tree, member by member: sorted by name, each directory before what is in it, nothing followed.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};

use super::error::PackError;

/// Deeper nesting is an attack on whoever walks, not a guest.
const DEPTH_LIMIT: usize = 256;

/// What stands at a path.
pub(super) enum Node {
    /// A directory; not open for reading its content but for its attributes.
    Directory(OwnedFd),
    File(File),
    Symlink(Vec<u8>),
    /// A device or a FIFO.
    Special,
    Socket,
}

/// Something in the tree.
pub(super) struct Found {
    /// Its path from the tree's root, without a leading slash; empty for the root.
    pub(super) path: PathBuf,
    pub(super) stat: Stat,
    pub(super) node: Node,
}

/// Walks the tree below `root`.
pub(super) fn walk(root: &Path, take: &mut dyn FnMut(Found) -> Result<(), PackError>) -> Result<(), PackError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = rustix::fs::open(root, flags, Mode::empty());
    let dir = opened.map_err(|errno| unreadable(root, errno))?;
    let stat = rustix::fs::fstat(&dir).map_err(|errno| unreadable(root, errno))?;
    let again = dir.try_clone().map_err(|source| PackError::Read { path: root.to_owned(), source })?;
    take(Found { path: PathBuf::new(), stat, node: Node::Directory(again) })?;
    descend(&dir, Path::new(""), stat.st_dev, 0, take)
}

fn descend(
    dir: &OwnedFd,
    path: &Path,
    device: u64,
    depth: usize,
    take: &mut dyn FnMut(Found) -> Result<(), PackError>,
) -> Result<(), PackError> {
    if depth > DEPTH_LIMIT {
        return Err(PackError::TooDeep { path: path.to_owned(), limit: DEPTH_LIMIT });
    }
    for name in names(dir).map_err(|errno| unreadable(path, errno))? {
        let name = OsStr::from_bytes(&name);
        let inner = path.join(name);
        let failed = |errno| unreadable(&inner, errno);
        let stat = rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).map_err(failed)?;
        let node = open(dir, name, &stat).map_err(failed)?;
        // What is mounted there is not the tree's, the empty directory below it is.
        let below = match &node {
            Node::Directory(below) if stat.st_dev == device => Some(below.try_clone()),
            _ => None,
        };
        take(Found { path: inner.clone(), stat, node })?;
        if let Some(below) = below {
            let below = below.map_err(|source| PackError::Read { path: inner.clone(), source })?;
            descend(&below, &inner, device, depth + 1, take)?;
        }
    }
    Ok(())
}

/// Opens what was looked at; something else that has taken its name is refused by the flags.
fn open(dir: &OwnedFd, name: &OsStr, stat: &Stat) -> rustix::io::Result<Node> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Node::File(rustix::fs::openat(dir, name, flags, Mode::empty())?.into()),
        FileType::Directory => {
            Node::Directory(rustix::fs::openat(dir, name, flags | OFlags::DIRECTORY, Mode::empty())?)
        }
        FileType::Symlink => Node::Symlink(rustix::fs::readlinkat(dir, name, Vec::new())?.into_bytes()),
        FileType::Socket => Node::Socket,
        _ => Node::Special,
    })
}

/// The names in a directory, sorted by their bytes.
fn names(dir: impl AsFd) -> rustix::io::Result<Vec<Vec<u8>>> {
    let mut names = Vec::new();
    for entry in rustix::fs::Dir::read_from(&dir)? {
        let name = entry?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

pub(super) fn unreadable(path: &Path, errno: rustix::io::Errno) -> PackError {
    PackError::Read { path: path.to_owned(), source: io::Error::from(errno) }
}
