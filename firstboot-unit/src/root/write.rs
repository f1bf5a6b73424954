//! Writing: a new file appears whole or not at all.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Gid, Mode, OFlags, Uid};

use super::entry::{Kind, Stat};
use super::error::{Cause, RootError};
use super::open::Root;

/// Mode and owner of a file to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewFile {
    /// Permission bits.
    pub mode: u32,
    /// Owner and group; without, those of the directory that the file goes into, which is right in a tree whose
    /// ids are mapped (root of an unprivileged guest is 100000 on the host).
    pub owner: Option<(u32, u32)>,
}

impl NewFile {
    /// A file with this mode that belongs to its directory's owner.
    pub const fn mode(mode: u32) -> Self {
        Self { mode, owner: None }
    }

    /// Mode and owner of the file that will be replaced.
    pub const fn like(stat: &Stat) -> Self {
        Self { mode: stat.mode, owner: Some((stat.uid, stat.gid)) }
    }
}

impl Root {
    /// Writes a file: temporary name, fsync, rename, fsync of the directory. A link at the path is replaced, not
    /// followed. The directory must exist.
    pub fn write(&self, path: impl AsRef<Path>, bytes: &[u8], new: NewFile) -> Result<(), RootError> {
        let path = path.as_ref();
        self.write_by_rename(path, bytes, new).map_err(|cause| cause.at("write", path, self.shown()))
    }

    fn write_by_rename(&self, path: &Path, bytes: &[u8], new: NewFile) -> Result<(), Cause> {
        let (dir, name) = self.parent(path)?;
        let temporary = temporary_name()?;
        let written =
            fill(&dir, &temporary, bytes, new).and_then(|()| Ok(rustix::fs::renameat(&dir, &temporary, &dir, &name)?));
        if written.is_err() {
            // The first error counts; a leftover that cannot be removed is found by the next look at the directory.
            let _ = rustix::fs::unlinkat(&dir, &temporary, AtFlags::empty());
        }
        written?;
        Ok(rustix::fs::fsync(&dir)?)
    }

    /// Writes a symbolic link, replacing what is there unless it is a directory. `target` is stored as given.
    pub fn symlink(&self, target: impl AsRef<Path>, path: impl AsRef<Path>) -> Result<(), RootError> {
        let path = path.as_ref();
        self.symlink_by_rename(target.as_ref(), path).map_err(|cause| cause.at("write the link", path, self.shown()))
    }

    fn symlink_by_rename(&self, target: &Path, path: &Path) -> Result<(), Cause> {
        let (dir, name) = self.parent(path)?;
        let temporary = temporary_name()?;
        rustix::fs::symlinkat(target, &dir, &temporary)?;
        let linked = own_as(&dir, &temporary, owner_of(&dir)?)
            .and_then(|()| Ok(rustix::fs::renameat(&dir, &temporary, &dir, &name)?));
        if linked.is_err() {
            let _ = rustix::fs::unlinkat(&dir, &temporary, AtFlags::empty());
        }
        linked?;
        Ok(rustix::fs::fsync(&dir)?)
    }

    /// Makes a directory and those above it that are missing; each new one belongs to its parent's owner. An
    /// existing directory is left as it is.
    pub fn make_directories(&self, path: impl AsRef<Path>, mode: u32) -> Result<(), RootError> {
        let path = path.as_ref();
        let mut so_far = std::path::PathBuf::from("/");
        for part in super::path::below(path).components() {
            so_far.push(part);
            if self.stat_followed(&so_far)?.is_some_and(|stat| stat.kind == Kind::Directory) {
                continue;
            }
            self.make_directory(&so_far, mode)
                .map_err(|cause| cause.at("make the directory", &so_far, self.shown()))?;
        }
        Ok(())
    }

    fn make_directory(&self, path: &Path, mode: u32) -> Result<(), Cause> {
        let (parent, name) = self.parent(path)?;
        rustix::fs::mkdirat(&parent, &name, Mode::from_raw_mode(mode))?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = rustix::fs::openat(&parent, &name, flags, Mode::empty())?;
        // mkdirat obeys the umask; the mode asked for is meant.
        rustix::fs::fchmod(&directory, Mode::from_raw_mode(mode))?;
        own(&directory, owner_of(&parent)?)?;
        Ok(rustix::fs::fsync(&parent)?)
    }
}

/// Creates `name` in `dir`, filled, owned and on disk.
fn fill(dir: &OwnedFd, name: &OsStr, bytes: &[u8], new: NewFile) -> Result<(), Cause> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = rustix::fs::openat(dir, name, flags, Mode::RUSR | Mode::WUSR)?;
    let owner = match new.owner {
        Some(owner) => owner,
        None => owner_of(dir)?,
    };
    own(&fd, owner)?;
    // After the owner: changing it clears set-id bits.
    rustix::fs::fchmod(&fd, Mode::from_raw_mode(new.mode))?;
    let mut file = File::from(fd);
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}

fn owner_of(dir: &OwnedFd) -> Result<(u32, u32), Cause> {
    let stat = rustix::fs::fstat(dir)?;
    Ok((stat.st_uid, stat.st_gid))
}

/// Gives a file its owner. Left alone when it fits already, so that a user's own tree needs no privilege.
fn own(fd: &OwnedFd, (uid, gid): (u32, u32)) -> Result<(), Cause> {
    if owner_of(fd)? == (uid, gid) {
        return Ok(());
    }
    Ok(rustix::fs::fchown(fd, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)))?)
}

fn own_as(dir: &OwnedFd, name: &OsStr, (uid, gid): (u32, u32)) -> Result<(), Cause> {
    let stat = rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)?;
    if (stat.st_uid, stat.st_gid) == (uid, gid) {
        return Ok(());
    }
    let (uid, gid) = (Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
    Ok(rustix::fs::chownat(dir, name, uid, gid, AtFlags::SYMLINK_NOFOLLOW)?)
}

/// What the name of an unfinished file begins with.
const UNFINISHED: &str = ".mintmark-";

/// Whether a name is one under which a file is written before it appears.
pub fn is_unfinished(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(UNFINISHED))
}

/// A name that nobody else uses, and that the catalog's globs do not take for an item.
fn temporary_name() -> Result<OsString, Cause> {
    let mut random = [0u8; 8];
    rustix::rand::getrandom(&mut random[..], rustix::rand::GetRandomFlags::empty())?;
    Ok(format!("{UNFINISHED}{:016x}", u64::from_le_bytes(random)).into())
}
