//! Walking a tree below a directory: sorted, following nothing, and the removal that walks likewise.

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::entry::{Kind, Stat};
use super::error::{Cause, RootError};
use super::open::Root;
use super::read::entries_of;

/// Deeper nesting is an attack on the walker, not a guest: nothing legitimate in a catalogued place comes near.
const DEPTH_LIMIT: usize = 256;

/// What to do with an entry that a walk met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// Count it, and go into it when it is a directory.
    Enter,
    /// Neither count it nor go into it.
    Skip,
}

/// What a walk met or removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Files, links and special files.
    pub files: u64,
    /// Directories.
    pub directories: u64,
    /// Bytes of regular files.
    pub bytes: u64,
}

/// What a removal leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Directories {
    Keep,
    Remove,
}

impl Root {
    /// Counts what is below a directory. `visit` sees each entry's path inside the tree and its kind, and may leave
    /// it out. `None` when no directory is there.
    pub fn tally(
        &self,
        path: impl AsRef<Path>,
        mut visit: impl FnMut(&Path, Kind) -> Visit,
    ) -> Result<Option<Tally>, RootError> {
        let path = path.as_ref();
        let mut tally = Tally::default();
        let counted = self.open_tree(path).and_then(|dir| {
            descend(&dir, path, 0, &mut visit, &mut |_, _, stat| {
                tally.count(stat);
                Ok(())
            })
        });
        Ok(self.absent_is_none(counted, "walk", path)?.map(|()| tally))
    }

    /// Removes every file below a directory; directories stay, with owner and mode. `visit` may leave entries out.
    /// Says what was removed; nothing when no directory is there.
    pub fn remove_files_below(
        &self,
        path: impl AsRef<Path>,
        visit: impl FnMut(&Path, Kind) -> Visit,
    ) -> Result<Tally, RootError> {
        self.remove_below(path.as_ref(), visit, Directories::Keep)
    }

    /// Removes everything below a directory, which itself stays. `visit` may leave entries out; a directory that
    /// holds such an entry stays.
    pub fn remove_all_below(
        &self,
        path: impl AsRef<Path>,
        visit: impl FnMut(&Path, Kind) -> Visit,
    ) -> Result<Tally, RootError> {
        self.remove_below(path.as_ref(), visit, Directories::Remove)
    }

    fn remove_below(
        &self,
        path: &Path,
        mut visit: impl FnMut(&Path, Kind) -> Visit,
        directories: Directories,
    ) -> Result<Tally, RootError> {
        let mut tally = Tally::default();
        let removed = self.open_tree(path).and_then(|dir| {
            descend(&dir, path, 0, &mut visit, &mut |dir, name, stat| {
                let keep = stat.kind == Kind::Directory && directories == Directories::Keep;
                if !keep && unlink(dir, name, stat.kind)? {
                    tally.count(stat);
                }
                Ok(())
            })
        });
        self.absent_is_none(removed, "clear", path)?;
        Ok(tally)
    }

    /// Opens the directory that a walk starts from: never the tree itself, wherever a link may lead.
    fn open_tree(&self, path: &Path) -> Result<OwnedFd, Cause> {
        let dir = self.resolve(path, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let (here, top) = (rustix::fs::fstat(&dir)?, rustix::fs::fstat(self.as_fd())?);
        if Stat::from(here).same_object(&Stat::from(top)) { Err(Cause::TheTreeItself) } else { Ok(dir) }
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.files += other.files;
        self.directories += other.directories;
        self.bytes += other.bytes;
    }
}

impl Tally {
    fn count(&mut self, stat: &Stat) {
        if stat.kind == Kind::Directory {
            self.directories += 1;
        } else {
            self.files += 1;
        }
        if stat.kind == Kind::File {
            self.bytes += stat.size;
        }
    }
}

/// Calls `leave` for each entry after those below it. Each step opens one name of an open directory without
/// following it, so nothing outside can be reached even if the tree changes underneath.
fn descend(
    dir: &OwnedFd,
    path: &Path,
    depth: usize,
    visit: &mut impl FnMut(&Path, Kind) -> Visit,
    leave: &mut impl FnMut(&OwnedFd, &OsStr, &Stat) -> Result<(), Cause>,
) -> Result<(), Cause> {
    if depth > DEPTH_LIMIT {
        return Err(Cause::TooDeep { limit: DEPTH_LIMIT });
    }
    for entry in entries_of(dir)? {
        let inner: PathBuf = path.join(&entry.name);
        if visit(&inner, entry.kind) == Visit::Skip {
            continue;
        }
        let Some(stat) = stat_name(dir, &entry.name)? else { continue };
        if stat.kind == Kind::Directory {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            match rustix::fs::openat(dir, &entry.name, flags, Mode::empty()) {
                Ok(below) => descend(&below, &inner, depth + 1, visit, leave)?,
                Err(Errno::NOENT) => continue,
                Err(errno) => return Err(errno.into()),
            }
        }
        leave(dir, &entry.name, &stat)?;
    }
    Ok(())
}

/// Removes one name; whether it went. What has gone meanwhile is no failure, nor is a directory that still holds
/// what the walk left out, or that something is mounted on.
fn unlink(dir: &OwnedFd, name: &OsStr, kind: Kind) -> Result<bool, Cause> {
    let flags = if kind == Kind::Directory { AtFlags::REMOVEDIR } else { AtFlags::empty() };
    match rustix::fs::unlinkat(dir, name, flags) {
        Ok(()) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        Err(Errno::NOTEMPTY | Errno::EXIST | Errno::BUSY) if kind == Kind::Directory => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

fn stat_name(dir: impl AsFd, name: &OsStr) -> Result<Option<Stat>, Cause> {
    match rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat.into())),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}
