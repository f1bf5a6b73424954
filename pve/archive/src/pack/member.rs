//! From what was found in the tree to a member's header.

use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::FileType;

use super::attributes::{self, AttributesError};
use super::error::PackError;
use super::header::Header;
use super::options::PackOptions;
use super::walk::{Found, Node, unreadable};

/// Makes headers, and knows which files it has seen under another name.
pub(super) struct Headers {
    options: PackOptions,
    /// Device and inode of files with more than one name, and the first of those names.
    seen: HashMap<(u64, u64), Vec<u8>>,
}

impl Headers {
    pub(super) fn new(options: PackOptions) -> Self {
        Self { options, seen: HashMap::new() }
    }

    /// The header of what was found, its size as it is on disk; `None` for a socket.
    pub(super) fn header(&mut self, found: &Found) -> Result<Option<Header>, PackError> {
        let Found { path, stat, node } = found;
        let name = name(path, matches!(node, Node::Directory(_)));
        let mut header = Header {
            name,
            mode: stat.st_mode & 0o7777,
            uid: self.id(path, stat.st_uid)?,
            gid: self.id(path, stat.st_gid)?,
            mtime: self.time(stat.st_mtime),
            ..Header::default()
        };
        if !matches!(node, Node::Directory(_) | Node::Socket) && stat.st_nlink > 1 {
            match self.seen.get(&(stat.st_dev, stat.st_ino)) {
                Some(first) => return Ok(Some(Header { kind: b'1', link: first.clone(), ..header })),
                None => self.seen.insert((stat.st_dev, stat.st_ino), header.name.clone()),
            };
        }
        match node {
            Node::Directory(dir) => {
                header.kind = b'5';
                header.records = named(path, attributes::records(dir, self.options.id_base))?;
            }
            Node::File(file) => {
                header.kind = b'0';
                header.size = u64::try_from(stat.st_size).unwrap_or(0);
                header.records = named(path, attributes::records(file, self.options.id_base))?;
            }
            Node::Symlink(target) => {
                header.kind = b'2';
                header.link.clone_from(target);
            }
            Node::Special => {
                header.kind = special(stat.st_mode);
                header.device = (rustix::fs::major(stat.st_rdev), rustix::fs::minor(stat.st_rdev));
            }
            Node::Socket => return Ok(None),
        }
        Ok(Some(header))
    }

    /// The header of a file that is not in the tree but given.
    pub(super) fn given(&self, name: &str, size: u64) -> Header {
        let mtime = self.options.newest.unwrap_or(0);
        Header { name: name.into(), kind: b'0', mode: 0o644, size, mtime, ..Header::default() }
    }

    /// An owner as the guest numbers it.
    fn id(&self, path: &Path, id: u32) -> Result<u32, PackError> {
        let base = self.options.id_base;
        id.checked_sub(base).ok_or_else(|| PackError::Owner { path: path.to_owned(), id, base })
    }

    /// Whole seconds, not before 1970, not after the newest.
    fn time(&self, mtime: i64) -> u64 {
        let mtime = u64::try_from(mtime).unwrap_or(0);
        self.options.newest.map_or(mtime, |newest| mtime.min(newest))
    }
}

/// Attributes, or why they could not be taken.
fn named(path: &Path, records: Result<attributes::Records, AttributesError>) -> Result<attributes::Records, PackError> {
    records.map_err(|error| match error {
        AttributesError::System(errno) => unreadable(path, errno),
        AttributesError::Value(attribute) => PackError::Attribute { path: path.to_owned(), attribute },
    })
}

/// `./`, `./etc/`, `./etc/hostname`.
fn name(path: &Path, is_directory: bool) -> Vec<u8> {
    let mut name = b"./".to_vec();
    name.extend(path.as_os_str().as_bytes());
    if is_directory && name.len() > 2 {
        name.push(b'/');
    }
    name
}

fn special(mode: u32) -> u8 {
    match FileType::from_raw_mode(mode) {
        FileType::CharacterDevice => b'3',
        FileType::BlockDevice => b'4',
        _ => b'6',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_vzdump() {
        assert_eq!(name(Path::new(""), true), b"./");
        assert_eq!(name(Path::new("etc"), true), b"./etc/");
        assert_eq!(name(Path::new("etc/hostname"), false), b"./etc/hostname");
    }

    #[test]
    fn times_are_clamped_and_owners_are_the_guests() {
        let headers = Headers::new(PackOptions { newest: Some(1000), id_base: 100_000, threads: 1 });
        assert_eq!((headers.time(-1), headers.time(999), headers.time(1001)), (0, 999, 1000));
        assert_eq!(headers.id(Path::new("x"), 100_033).unwrap(), 33);
        let error = headers.id(Path::new("x"), 33).unwrap_err();
        assert_eq!(error.to_string(), "x belongs to 33, which is no id of a guest whose ids begin at 100000");
    }
}
