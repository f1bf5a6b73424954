//! Writing into a tree.

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{
    AtFlags, Gid, Mode, OFlags, Uid, chownat, fchmod, fchown, mkdirat, openat, renameat, symlinkat, unlinkat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::Root;
use super::bytes::encoded;
use super::tree::split;
use crate::error::Die;

impl Root {
    /// Whether the administrator of the guest keeps this file to himself: `.pve-ignore.<name>` stands beside it.
    pub fn ignored(&self, path: &str) -> bool {
        let (directory, name) = split(path);
        self.is_file(&format!("{directory}/.pve-ignore.{name}"))
    }

    fn parent(&self, path: &str) -> Result<OwnedFd, Die> {
        let (directory, _) = split(path);
        self.inside(directory, OFlags::PATH | OFlags::DIRECTORY).map_err(self.fails("open", directory))
    }

    /// Replaces a file by rename, mode 0644, unless the guest's administrator keeps it. Its directory must exist.
    pub fn write(&self, path: &str, text: &str) -> Result<(), Die> {
        self.write_with_mode(path, text, 0o644)
    }

    /// The same with another mode.
    pub fn write_with_mode(&self, path: &str, text: &str, mode: u32) -> Result<(), Die> {
        if self.ignored(path) {
            return Ok(());
        }
        let (_, name) = split(path);
        let parent = self.parent(path)?;
        let temp = temporary(name);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let _ = unlinkat(&parent, temp.as_str(), AtFlags::empty());
        let file =
            openat(&parent, temp.as_str(), flags, Mode::from_raw_mode(0o600)).map_err(self.fails("create", path))?;
        self.own(&file, mode).map_err(self.fails("chown", path))?;
        File::from(file).write_all(&encoded(text)).map_err(Die::io("write", path))?;
        renameat(&parent, temp.as_str(), &parent, name).map_err(self.fails("rename", path))
    }

    /// Opens a file to write to it, emptied where it is there already; tells whether it was not.
    pub fn create_file(&self, path: &str) -> std::io::Result<(File, bool)> {
        let (directory, name) = split(path);
        let parent = self.inside(directory, OFlags::PATH | OFlags::DIRECTORY)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(&parent, name, flags, Mode::from_raw_mode(0o600)) {
            Ok(file) => Ok((File::from(file), true)),
            Err(Errno::EXIST) => Ok((File::from(self.inside(path, OFlags::WRONLY | OFlags::TRUNC)?), false)),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Replaces a file but keeps its mode and owner; nothing happens where it does not exist.
    pub fn rewrite(&self, path: &str, text: &str) -> Result<(), Die> {
        let Some(stat) = self.own_stat(path) else { return Ok(()) };
        if self.ignored(path) {
            return Ok(());
        }
        self.write_with_mode(path, text, 0o600)?;
        let file = self.inside(path, OFlags::RDONLY | OFlags::NOFOLLOW).map_err(self.fails("open", path))?;
        let (uid, gid) = (Uid::from_raw(stat.st_uid), Gid::from_raw(stat.st_gid));
        fchown(&file, Some(uid), Some(gid)).map_err(self.fails("chown", path))?;
        fchmod(&file, Mode::from_raw_mode(stat.st_mode & 0o7777)).map_err(self.fails("chmod", path))
    }

    /// Only root can give files away; anybody else's tree is his own.
    fn own(&self, file: impl AsFd, mode: u32) -> Result<(), Errno> {
        if geteuid().is_root() {
            fchown(&file, Some(Uid::from_raw(self.owner)), Some(Gid::from_raw(self.owner)))?;
        }
        fchmod(&file, Mode::from_raw_mode(mode))
    }

    /// Removes a file or link; nothing happens where there is none, or where the guest's administrator keeps it.
    pub fn remove(&self, path: &str) -> Result<(), Die> {
        let (_, name) = split(path);
        let Ok(parent) = self.parent(path) else { return Ok(()) };
        if self.ignored(path) {
            return Ok(());
        }
        match unlinkat(&parent, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT | Errno::ISDIR) => Ok(()),
            Err(errno) => Err(self.fails("unlink", path)(errno)),
        }
    }

    /// Replaces `path` by a symbolic link to `target`, unless the guest's administrator keeps it.
    pub fn link(&self, target: &str, path: &str) -> Result<(), Die> {
        if self.ignored(path) {
            return Ok(());
        }
        let (_, name) = split(path);
        let parent = self.parent(path)?;
        let temp = temporary(name);
        let _ = unlinkat(&parent, temp.as_str(), AtFlags::empty());
        self.make_link(target, &parent, &temp).map_err(self.fails("link", path))?;
        renameat(&parent, temp.as_str(), &parent, name).map_err(self.fails("rename", path))
    }

    /// Makes a symbolic link where there is nothing yet and the directory is there; elsewhere nothing happens.
    pub fn link_if_free(&self, target: &str, path: &str) -> Result<(), Die> {
        let (_, name) = split(path);
        let Ok(parent) = self.parent(path) else { return Ok(()) };
        if self.ignored(path) {
            return Ok(());
        }
        match self.make_link(target, &parent, name) {
            Ok(()) | Err(Errno::EXIST) => Ok(()),
            Err(errno) => Err(self.fails("link", path)(errno)),
        }
    }

    fn make_link(&self, target: &str, parent: &OwnedFd, name: &str) -> Result<(), Errno> {
        symlinkat(target, parent, name)?;
        if !geteuid().is_root() {
            return Ok(());
        }
        let (uid, gid) = (Uid::from_raw(self.owner), Gid::from_raw(self.owner));
        chownat(parent, name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)
    }

    /// Makes a directory with its parents; those that are made belong to the guest's root.
    pub fn make_directory(&self, path: &str) -> Result<(), Die> {
        self.make_directory_with_mode(path, 0o755)
    }

    /// The same with another mode.
    pub fn make_directory_with_mode(&self, path: &str, mode: u32) -> Result<(), Die> {
        let mut at = String::new();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let parent = self.inside(&at, OFlags::PATH | OFlags::DIRECTORY).map_err(self.fails("open", &at))?;
            at = format!("{at}/{part}");
            match mkdirat(&parent, part, Mode::from_raw_mode(mode)) {
                Ok(()) => {
                    let new = self.inside(&at, OFlags::RDONLY | OFlags::DIRECTORY).map_err(self.fails("open", &at))?;
                    self.own(&new, mode).map_err(self.fails("chown", &at))?;
                }
                Err(Errno::EXIST) => (),
                Err(errno) => return Err(self.fails("create", &at)(errno)),
            }
        }
        Ok(())
    }
}

/// A name beside the one that is replaced.
fn temporary(name: &str) -> String {
    format!("{name}.tmp.{}", std::process::id())
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
        root.rewrite("/etc/hosts", "theirs").unwrap();
        root.link("/else", "/etc/hosts").unwrap();
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

    #[test]
    fn a_link_takes_no_place_that_is_taken() {
        let (_outer, root) = tree();
        root.write("/etc/taken", "x").unwrap();
        root.link_if_free("/dev/null", "/etc/taken").unwrap();
        root.link_if_free("/dev/null", "/no/directory").unwrap();
        root.link_if_free("/dev/null", "/etc/free").unwrap();
        assert_eq!((root.target("/etc/taken"), root.target("/etc/free").as_deref()), (None, Some("/dev/null")));
    }
}
