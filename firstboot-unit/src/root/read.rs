//! Reading: files with a cap, links, directories.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::entry::{Entry, Kind, Stat};
use super::error::{Cause, RootError};
use super::open::Root;

/// How many links in a row are followed, as the kernel does (path_resolution(7)).
const LINK_LIMIT: usize = 40;

impl Root {
    /// The content of a regular file of at most `cap` bytes; links are followed inside the tree. `None` when nothing
    /// is there.
    pub fn read(&self, path: impl AsRef<Path>, cap: u64) -> Result<Option<Vec<u8>>, RootError> {
        let path = path.as_ref();
        self.absent_is_none(self.read_capped(path, cap), "read", path)
    }

    /// As [`Root::read`], as text; bytes that are not UTF-8 are replaced.
    pub fn read_text(&self, path: impl AsRef<Path>, cap: u64) -> Result<Option<String>, RootError> {
        Ok(self.read(path, cap)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn read_capped(&self, path: &Path, cap: u64) -> Result<Vec<u8>, Cause> {
        let mut file = self.open_file(path, OFlags::RDONLY)?;
        let size = file.metadata()?.len();
        if size > cap {
            return Err(Cause::TooBig { size, cap });
        }
        // The file may grow while it is read, and files of /proc have no size: the cap holds for what arrives.
        let mut bytes = Vec::new();
        let read = file.by_ref().take(cap + 1).read_to_end(&mut bytes)?;
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        if read > cap { Err(Cause::TooBig { size: read, cap }) } else { Ok(bytes) }
    }

    /// Opens a regular file. What stands there is looked at first, since opening a pipe would wait for its other end
    /// and opening a device may do something.
    pub(super) fn open_file(&self, path: &Path, flags: OFlags) -> Result<File, Cause> {
        let place = self.resolve(path, OFlags::PATH)?;
        if !path.starts_with("/proc") && rustix::fs::fstatfs(&place)?.f_type == rustix::fs::PROC_SUPER_MAGIC {
            // A link in a guest must not have this process, with its own rights, read what only the kernel knows.
            return Err(Cause::NotAFile { found: "a link into /proc" });
        }
        let looked_at = Stat::from(rustix::fs::fstat(place)?);
        if looked_at.kind != Kind::File {
            return Err(Cause::NotAFile { found: looked_at.kind.in_words() });
        }
        let fd = self.resolve(path, flags | OFlags::NONBLOCK | OFlags::NOCTTY)?;
        let opened = Stat::from(rustix::fs::fstat(&fd)?);
        if opened.kind == Kind::File {
            Ok(File::from(fd))
        } else {
            Err(Cause::NotAFile { found: opened.kind.in_words() })
        }
    }

    /// The target of a symbolic link as written. `None` when no link is there.
    pub fn read_link(&self, path: impl AsRef<Path>) -> Result<Option<PathBuf>, RootError> {
        let path = path.as_ref();
        let target = (|| {
            let link = self.resolve(path, OFlags::PATH | OFlags::NOFOLLOW)?;
            if Stat::from(rustix::fs::fstat(&link)?).kind != Kind::Link {
                return Ok(None);
            }
            let target = rustix::fs::readlinkat(&link, "", Vec::new())?;
            Ok(Some(PathBuf::from(OsStr::from_bytes(target.as_bytes()))))
        })();
        Ok(self.absent_is_none(target, "read the link", path)?.flatten())
    }

    /// A path and, where a link stands there, the paths that it leads to one after the other inside the tree.
    pub fn chain(&self, path: impl AsRef<Path>) -> Result<Vec<PathBuf>, RootError> {
        let mut chain = vec![path.as_ref().to_owned()];
        while let Some(last) = chain.last().filter(|_| chain.len() <= LINK_LIMIT) {
            let Some(target) = self.read_link(last)? else { break };
            let next = last.parent().unwrap_or(Path::new("/")).join(target);
            chain.push(next);
        }
        Ok(chain)
    }

    /// The entries of a directory, sorted by name; a link to a directory is followed inside the tree. `None` when
    /// no directory is there.
    pub fn list(&self, path: impl AsRef<Path>) -> Result<Option<Vec<Entry>>, RootError> {
        let path = path.as_ref();
        let entries = self.resolve(path, OFlags::RDONLY | OFlags::DIRECTORY).and_then(|dir| entries_of(&dir));
        self.absent_is_none(entries, "list", path)
    }
}

/// The entries of an open directory, sorted by name, without `.` and `..`.
pub(super) fn entries_of(dir: impl AsFd) -> Result<Vec<Entry>, Cause> {
    let mut entries = Vec::new();
    for entry in rustix::fs::Dir::read_from(&dir)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name == "." || name == ".." {
            continue;
        }
        let kind = match entry.file_type() {
            rustix::fs::FileType::Unknown => match kind_by_stat(&dir, name)? {
                Some(kind) => kind,
                None => continue,
            },
            known => known.into(),
        };
        entries.push(Entry { name: name.to_owned(), kind });
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

/// The kind of an entry on a file system that does not tell it while listing; `None` when it has gone meanwhile.
fn kind_by_stat(dir: impl AsFd, name: &OsStr) -> Result<Option<Kind>, Cause> {
    match rustix::fs::statat(dir, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(Stat::from(stat).kind)),
        Err(rustix::io::Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}
