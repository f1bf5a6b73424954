//! A guest's tree as `/`: no path, link or `..` in it resolves outside.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, FileType, Gid, Mode, OFlags, ResolveFlags, Uid, fchmod, fchown, fstat, mkdirat, openat, openat2,
    renameat, statat, symlinkat, unlinkat,
};
use rustix::io::Errno;

use crate::error::Die;

/// Files of a guest larger than this are not read.
const LONGEST: u64 = 4 << 20;

/// An open guest tree.
#[derive(Debug)]
pub struct Root {
    directory: OwnedFd,
    path: PathBuf,
    owner: u32,
}

impl Root {
    /// Opens the tree at `path`; what is written belongs to the host's id `owner`.
    pub fn open(path: &Path, owner: u32) -> Result<Self, Die> {
        let flags = OFlags::DIRECTORY | OFlags::PATH | OFlags::CLOEXEC;
        let directory = openat(CWD, path, flags, Mode::empty()).map_err(Die::sys("open", path))?;
        Ok(Self { directory, path: path.to_owned(), owner })
    }

    /// Where the tree is on the host.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn inside(&self, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
        let relative = path.trim_start_matches('/');
        let relative = if relative.is_empty() { "." } else { relative };
        openat2(&self.directory, relative, flags | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::IN_ROOT)
    }

    fn fails(&self, action: &'static str, path: &str) -> impl FnOnce(Errno) -> Die {
        Die::sys(action, self.path.join(path.trim_start_matches('/')))
    }

    /// A regular file's text; none where there is no such regular file.
    pub fn read(&self, path: &str) -> Result<Option<String>, Die> {
        let file = match self.inside(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY) {
            Ok(file) => file,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::NXIO | Errno::LOOP) => return Ok(None),
            Err(errno) => return Err(self.fails("open", path)(errno)),
        };
        let stat = fstat(&file).map_err(self.fails("stat", path))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        File::from(file).take(LONGEST).read_to_end(&mut bytes).map_err(Die::io("read", self.path.join(path)))?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Whether a path leads to something.
    pub fn exists(&self, path: &str) -> bool {
        self.inside(path, OFlags::PATH).is_ok()
    }

    /// Whether a path leads to a directory.
    pub fn is_directory(&self, path: &str) -> bool {
        self.inside(path, OFlags::PATH | OFlags::DIRECTORY).is_ok()
    }

    /// Whether the administrator of the guest keeps this file to himself: `.pve-ignore.<name>` stands beside it.
    fn ignored(&self, path: &str) -> bool {
        let (directory, name) = split(path);
        self.exists(&format!("{directory}/.pve-ignore.{name}"))
    }

    /// Replaces a file by rename, mode 0644, unless the guest's administrator keeps it. Its directory must exist.
    pub fn write(&self, path: &str, text: &str) -> Result<(), Die> {
        self.write_with_mode(path, text, 0o644)
    }

    /// The same with mode 0600.
    pub fn write_private(&self, path: &str, text: &str) -> Result<(), Die> {
        self.write_with_mode(path, text, 0o600)
    }

    fn write_with_mode(&self, path: &str, text: &str, mode: u32) -> Result<(), Die> {
        if self.ignored(path) {
            return Ok(());
        }
        let (directory, name) = split(path);
        let parent = self.inside(directory, OFlags::PATH | OFlags::DIRECTORY).map_err(self.fails("open", directory))?;
        let temp = format!("{name}.{}.tmp", std::process::id());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let _ = unlinkat(&parent, temp.as_str(), AtFlags::empty());
        let file =
            openat(&parent, temp.as_str(), flags, Mode::from_raw_mode(0o600)).map_err(self.fails("create", path))?;
        self.own(&file, mode).map_err(self.fails("chown", path))?;
        File::from(file).write_all(text.as_bytes()).map_err(Die::io("write", self.path.join(path)))?;
        renameat(&parent, temp.as_str(), &parent, name).map_err(self.fails("rename", path))
    }

    /// Replaces a file but keeps its mode and owner; nothing happens where it does not exist.
    pub fn rewrite(&self, path: &str, text: &str) -> Result<(), Die> {
        let Ok(old) = self.inside(path, OFlags::PATH | OFlags::NOFOLLOW) else { return Ok(()) };
        let stat = fstat(&old).map_err(self.fails("stat", path))?;
        self.write_private(path, text)?;
        let file = self.inside(path, OFlags::RDONLY | OFlags::NOFOLLOW).map_err(self.fails("open", path))?;
        let (uid, gid) = (Uid::from_raw(stat.st_uid), Gid::from_raw(stat.st_gid));
        fchown(&file, Some(uid), Some(gid)).map_err(self.fails("chown", path))?;
        fchmod(&file, Mode::from_raw_mode(stat.st_mode & 0o7777)).map_err(self.fails("chmod", path))
    }

    fn own(&self, file: &OwnedFd, mode: u32) -> Result<(), Errno> {
        fchown(file, Some(Uid::from_raw(self.owner)), Some(Gid::from_raw(self.owner)))?;
        fchmod(file, Mode::from_raw_mode(mode))
    }

    /// Removes a file or link; nothing happens where it does not exist, or where the guest's administrator keeps it.
    pub fn remove(&self, path: &str) -> Result<(), Die> {
        let (directory, name) = split(path);
        let Ok(parent) = self.inside(directory, OFlags::PATH | OFlags::DIRECTORY) else { return Ok(()) };
        if self.ignored(path) {
            return Ok(());
        }
        match unlinkat(&parent, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(self.fails("unlink", path)(errno)),
        }
    }

    /// Replaces `path` by a symbolic link to `target`, unless the guest's administrator keeps it.
    pub fn link(&self, target: &str, path: &str) -> Result<(), Die> {
        if self.ignored(path) {
            return Ok(());
        }
        let (directory, name) = split(path);
        let parent = self.inside(directory, OFlags::PATH | OFlags::DIRECTORY).map_err(self.fails("open", directory))?;
        let temp = format!("{name}.{}.tmp", std::process::id());
        let _ = unlinkat(&parent, temp.as_str(), AtFlags::empty());
        symlinkat(target, &parent, temp.as_str()).map_err(self.fails("link", path))?;
        renameat(&parent, temp.as_str(), &parent, name).map_err(self.fails("rename", path))
    }

    /// Whether a path is a regular file itself, not a link to one.
    pub fn is_plain_file(&self, path: &str) -> bool {
        let (directory, name) = split(path);
        let Ok(parent) = self.inside(directory, OFlags::PATH | OFlags::DIRECTORY) else { return false };
        let stat = statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW);
        stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
    }

    /// Makes a directory with its parents; those that are made belong to the guest's root.
    pub fn make_directory(&self, path: &str) -> Result<(), Die> {
        let mut at = String::new();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let parent = self.inside(&at, OFlags::PATH | OFlags::DIRECTORY).map_err(self.fails("open", &at))?;
            at = format!("{at}/{part}");
            match mkdirat(&parent, part, Mode::from_raw_mode(0o755)) {
                Ok(()) => {
                    let made = self.inside(&at, OFlags::RDONLY | OFlags::DIRECTORY).map_err(self.fails("open", &at))?;
                    self.own(&made, 0o755).map_err(self.fails("chown", &at))?;
                }
                Err(Errno::EXIST) => (),
                Err(errno) => return Err(self.fails("create", &at)(errno)),
            }
        }
        Ok(())
    }

    /// The host's path of what a path of the guest leads to, links resolved inside the tree.
    pub fn resolve(&self, path: &str) -> Result<PathBuf, Die> {
        use std::os::fd::AsRawFd;
        let found = self.inside(path, OFlags::PATH).map_err(self.fails("open", path))?;
        let link = format!("/proc/self/fd/{}", found.as_raw_fd());
        std::fs::read_link(&link).map_err(Die::io("resolve", self.path.join(path)))
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn tree() -> (tempfile::TempDir, Root) {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("rootfs");
        std::fs::create_dir_all(inner.join("etc")).unwrap();
        std::fs::write(outer.path().join("secret"), "host").unwrap();
        let root = Root::open(&inner, rustix::process::geteuid().as_raw()).unwrap();
        (outer, root)
    }

    #[test]
    fn links_never_lead_to_the_host() {
        let (outer, root) = tree();
        let etc = outer.path().join("rootfs/etc");
        symlink("../../secret", etc.join("hostname")).unwrap();
        symlink("/../..", etc.join("up")).unwrap();
        assert_eq!(root.read("/etc/hostname").unwrap(), None);
        root.write("/etc/hostname", "acme\n").unwrap();
        root.write("/etc/up/escaped", "x").unwrap();
        assert_eq!(std::fs::read_to_string(outer.path().join("secret")).unwrap(), "host");
        assert!(!outer.path().join("escaped").exists());
        assert_eq!(root.read("/etc/hostname").unwrap().as_deref(), Some("acme\n"));
    }

    #[test]
    fn a_kept_file_stays() {
        let (_outer, root) = tree();
        root.write("/etc/hosts", "mine").unwrap();
        root.write("/etc/.pve-ignore.hosts", "").unwrap();
        root.write("/etc/hosts", "theirs").unwrap();
        root.remove("/etc/hosts").unwrap();
        assert_eq!(root.read("/etc/hosts").unwrap().as_deref(), Some("mine"));
    }

    #[test]
    fn directories_are_made_inside() {
        let (outer, root) = tree();
        symlink("/", outer.path().join("rootfs/srv")).unwrap();
        root.make_directory("/srv/a/b").unwrap();
        assert!(outer.path().join("rootfs/a/b").is_dir());
        assert_eq!(root.resolve("/srv/a").unwrap(), outer.path().join("rootfs/a").canonicalize().unwrap());
    }
}
