//! Going down without following a link.

use std::path::Path;

use rustix::fs::{Mode, OFlags, ResolveFlags};

use super::error::{Cause, RootError};
use super::open::Root;
use super::path::below;

impl Root {
    /// A directory below as a root of its own. No link is followed on the way, not even one that stays inside: whoever
    /// puts something there means this very path.
    pub fn descend(&self, path: impl AsRef<Path>) -> Result<Self, RootError> {
        let path = path.as_ref();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let strictly = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        let dir = rustix::fs::openat2(self.as_fd(), below(path), flags, Mode::empty(), strictly)
            .map_err(|errno| Cause::from(errno).at("enter", path, self.shown()))?;
        Ok(Self::of_directory(dir, self.shown().join(below(path))))
    }
}
