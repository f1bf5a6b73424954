//! Opening a tree and looking into it.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags, Stat, fstat, openat, openat2, readlinkat, statat,
};
use rustix::io::Errno;

use super::bytes::decoded;
use crate::error::Die;

/// Files of a guest larger than this are not read.
const LONGEST: u64 = 64 << 20;

/// How often a resolution is repeated that a rename or a mount anywhere on the machine disturbed (`EAGAIN`, openat2(2)).
const DISTURBED_TRIES: u32 = 64;

/// An open guest tree.
#[derive(Debug)]
pub struct Root {
    pub(super) directory: OwnedFd,
    pub(super) owner: u32,
    path: PathBuf,
}

impl Root {
    /// Opens the tree at `path`; what is written belongs to the host's id `owner`.
    pub fn open(path: &Path, owner: u32) -> Result<Self, Die> {
        let flags = OFlags::DIRECTORY | OFlags::PATH | OFlags::CLOEXEC;
        let directory = openat(CWD, path, flags, Mode::empty()).map_err(Die::sys("open", path))?;
        Ok(Self { directory, owner, path: path.to_owned() })
    }

    pub(super) fn inside(&self, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
        let relative = path.trim_start_matches('/');
        let relative = if relative.is_empty() { "." } else { relative };
        let mut tries = 0;
        loop {
            match openat2(&self.directory, relative, flags | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::IN_ROOT) {
                Err(Errno::AGAIN | Errno::INTR) if tries < DISTURBED_TRIES => tries += 1,
                done => return done,
            }
        }
    }

    pub(super) fn fails(&self, action: &'static str, path: &str) -> impl FnOnce(Errno) -> Die {
        Die::sys(action, self.path.join(path.trim_start_matches('/')))
    }

    /// What a path leads to.
    fn stat(&self, path: &str) -> Option<Stat> {
        fstat(self.inside(path, OFlags::PATH).ok()?).ok()
    }

    /// What a path itself is, be it a link.
    pub(super) fn own_stat(&self, path: &str) -> Option<Stat> {
        let (directory, name) = split(path);
        let parent = self.inside(directory, OFlags::PATH | OFlags::DIRECTORY).ok()?;
        statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW).ok()
    }

    /// Opens a file to read from it.
    pub fn open_file(&self, path: &str) -> std::io::Result<File> {
        Ok(File::from(self.inside(path, OFlags::RDONLY | OFlags::NOCTTY)?))
    }

    /// A regular file's bytes; none where there is no such regular file.
    pub fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, Die> {
        let file = match self.inside(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY) {
            Ok(file) => file,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::NXIO | Errno::LOOP) => return Ok(None),
            Err(errno) => return Err(self.fails("open", path)(errno)),
        };
        let stat = fstat(&file).map_err(self.fails("stat", path))?;
        if kind(&stat) != FileType::RegularFile {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        File::from(file).take(LONGEST).read_to_end(&mut bytes).map_err(Die::io("read", self.path.join(path)))?;
        Ok(Some(bytes))
    }

    /// The same as text; bytes that are no UTF-8 come back when the text is written.
    pub fn read(&self, path: &str) -> Result<Option<String>, Die> {
        Ok(self.bytes(path)?.map(|bytes| decoded(&bytes)))
    }

    /// The same, where the file must be there.
    pub fn need(&self, path: &str) -> Result<String, Die> {
        self.read(path)?.ok_or_else(|| Die::text(format!("can't open '{path}' - No such file or directory")))
    }

    /// A file's first line; none where there is no file, or an empty one.
    pub fn first_line(&self, path: &str) -> Result<Option<String>, Die> {
        Ok(self.read(path)?.and_then(|text| text.lines().next().map(str::to_owned)))
    }

    /// Whether a path leads to something.
    pub fn exists(&self, path: &str) -> bool {
        self.inside(path, OFlags::PATH).is_ok()
    }

    /// Whether a path leads to a regular file.
    pub fn is_file(&self, path: &str) -> bool {
        self.stat(path).is_some_and(|stat| kind(&stat) == FileType::RegularFile)
    }

    /// Whether a path leads to a directory.
    pub fn is_directory(&self, path: &str) -> bool {
        self.stat(path).is_some_and(|stat| kind(&stat) == FileType::Directory)
    }

    /// Whether a path leads to something that root may execute.
    pub fn is_executable(&self, path: &str) -> bool {
        self.stat(path).is_some_and(|stat| stat.st_mode & 0o111 != 0)
    }

    /// Whether a path itself is a symbolic link.
    pub fn is_link(&self, path: &str) -> bool {
        self.own_stat(path).is_some_and(|stat| kind(&stat) == FileType::Symlink)
    }

    /// What stands in a symbolic link.
    pub fn target(&self, path: &str) -> Option<String> {
        let (directory, name) = split(path);
        let parent = self.inside(directory, OFlags::PATH | OFlags::DIRECTORY).ok()?;
        readlinkat(&parent, name, Vec::new()).ok()?.into_string().ok()
    }

    /// The names in a directory, sorted; none where there is no directory.
    pub fn names(&self, path: &str) -> Vec<String> {
        let Ok(directory) = self.inside(path, OFlags::RDONLY | OFlags::DIRECTORY) else { return Vec::new() };
        let Ok(entries) = Dir::new(directory) else { return Vec::new() };
        let name = |entry: rustix::fs::DirEntry| entry.file_name().to_str().ok().map(str::to_owned);
        let mut names: Vec<String> = entries.filter_map(Result::ok).filter_map(name).collect();
        names.retain(|name| name != "." && name != "..");
        names.sort();
        names
    }

    /// Where a path ends, as the guest would say it, links resolved inside the tree.
    pub fn real(&self, path: &str) -> Option<String> {
        let host = self.resolve(path).ok()?;
        let root = self.resolve("/").ok()?;
        Some(format!("/{}", host.strip_prefix(root).ok()?.to_str()?))
    }

    /// The directory that a path of the guest leads to, links resolved inside the tree.
    pub fn directory(&self, path: &str) -> Result<OwnedFd, Die> {
        self.inside(path, OFlags::PATH | OFlags::DIRECTORY).map_err(self.fails("open", path))
    }

    /// The host's path of what a path of the guest leads to, links resolved inside the tree.
    pub fn resolve(&self, path: &str) -> Result<PathBuf, Die> {
        let found = self.inside(path, OFlags::PATH).map_err(self.fails("open", path))?;
        let link = format!("/proc/self/fd/{}", found.as_raw_fd());
        std::fs::read_link(&link).map_err(Die::io("resolve", self.path.join(path)))
    }
}

fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

/// A path's directory and its last part.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn paths_end_where_the_guest_would_say() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(directory.path().join("usr/lib/systemd")).unwrap();
        std::fs::create_dir_all(directory.path().join("usr/sbin")).unwrap();
        std::fs::write(directory.path().join("usr/lib/systemd/systemd"), "").unwrap();
        symlink("usr/sbin", directory.path().join("sbin")).unwrap();
        symlink("usr/lib", directory.path().join("lib")).unwrap();
        symlink("/lib/systemd/systemd", directory.path().join("usr/sbin/init")).unwrap();
        let root = Root::open(directory.path(), 0).unwrap();
        assert!(root.is_link("/sbin/init"));
        assert_eq!(root.target("/sbin/init").as_deref(), Some("/lib/systemd/systemd"));
        assert_eq!(root.real("/sbin/init").as_deref(), Some("/usr/lib/systemd/systemd"));
        assert_eq!(root.names("/usr"), ["lib", "sbin"]);
    }
}
