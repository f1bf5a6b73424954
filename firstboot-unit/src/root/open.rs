//! The handle itself, and the only place that resolves a path.

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::entry::Stat;
use super::error::{Cause, RootError};
use super::path::{below, split};

/// How often a resolution is repeated that a rename in the tree disturbed (`EAGAIN`, openat2(2)).
const DISTURBED_TRIES: u32 = 64;

/// An open directory that behaves as `/` for everything reached through it.
pub struct Root {
    dir: OwnedFd,
    shown: PathBuf,
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Root").field(&self.shown).finish()
    }
}

impl Root {
    /// Opens a directory of the host as the root of a tree. This one path is trusted: links in it are followed.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RootError> {
        let path = path.as_ref();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = rustix::fs::open(path, flags, Mode::empty())
            .map_err(|errno| Cause::from(errno).at("open", Path::new("/"), path))?;
        Ok(Self { dir, shown: path.to_owned() })
    }

    pub(super) fn of_directory(dir: OwnedFd, shown: PathBuf) -> Self {
        Self { dir, shown }
    }

    /// The tree's own path, as it was opened; for messages only.
    pub fn shown(&self) -> &Path {
        &self.shown
    }

    /// The error for a path whose state does not allow what is to be done.
    pub(crate) fn unfit(&self, action: &'static str, path: &Path, why: &'static str) -> RootError {
        Cause::Unfit { why }.at(action, path, &self.shown)
    }

    /// The directory's descriptor.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }

    /// Resolves a path inside the tree and opens what it leads to; links on the way and at its end are followed,
    /// unless `flags` has `NOFOLLOW`.
    pub(super) fn resolve(&self, path: &Path, flags: OFlags) -> Result<OwnedFd, Cause> {
        let inside = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        let relative = below(path);
        let mut tries = 0;
        loop {
            match rustix::fs::openat2(&self.dir, &relative, flags | OFlags::CLOEXEC, Mode::empty(), inside) {
                Err(Errno::AGAIN | Errno::INTR) if tries < DISTURBED_TRIES => tries += 1,
                done => return Ok(done?),
            }
        }
    }

    /// The parent directory of a path, opened, and the path's last name.
    pub(super) fn parent(&self, path: &Path) -> Result<(OwnedFd, std::ffi::OsString), Cause> {
        let (parent, name) = split(path)?;
        Ok((self.resolve(&parent, OFlags::RDONLY | OFlags::DIRECTORY)?, name))
    }

    /// What stands at a path, not following a link at its end. `None` when nothing is there.
    pub fn stat(&self, path: impl AsRef<Path>) -> Result<Option<Stat>, RootError> {
        self.stat_with(path.as_ref(), OFlags::PATH | OFlags::NOFOLLOW)
    }

    /// What a path leads to, following a link at its end inside the tree. `None` when nothing is there.
    pub fn stat_followed(&self, path: impl AsRef<Path>) -> Result<Option<Stat>, RootError> {
        self.stat_with(path.as_ref(), OFlags::PATH)
    }

    fn stat_with(&self, path: &Path, flags: OFlags) -> Result<Option<Stat>, RootError> {
        let found = self.resolve(path, flags).and_then(|fd| Ok(Stat::from(rustix::fs::fstat(fd)?)));
        self.absent_is_none(found, "look at", path)
    }

    /// Turns "nothing there" into `None` and everything else that failed into an error that says where.
    pub(super) fn absent_is_none<T>(
        &self,
        found: Result<T, Cause>,
        action: &'static str,
        path: &Path,
    ) -> Result<Option<T>, RootError> {
        match found {
            Ok(value) => Ok(Some(value)),
            Err(cause) if cause.is_absence() => Ok(None),
            Err(cause) => Err(cause.at(action, path, &self.shown)),
        }
    }
}
