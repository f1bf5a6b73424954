//! Changes to what is there: remove, empty, permissions.

use std::path::Path;

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::entry::{Kind, Stat};
use super::error::{Cause, RootError};
use super::open::Root;
use super::walk::{Tally, Visit};

impl Root {
    /// Removes whatever stands at a path, a directory with everything below it; a link is removed, not followed.
    /// Says what went; nothing when nothing was there.
    pub fn remove(&self, path: impl AsRef<Path>) -> Result<Tally, RootError> {
        let path = path.as_ref();
        let Some(stat) = self.stat(path)? else { return Ok(Tally::default()) };
        let mut tally = match stat.kind {
            Kind::Directory => self.remove_all_below(path, |_, _| Visit::Enter)?,
            _ => Tally::default(),
        };
        self.unlink(path, stat.kind).map_err(|cause| cause.at("remove", path, self.shown()))?;
        match stat.kind {
            Kind::Directory => tally.directories += 1,
            _ => tally.files += 1,
        }
        if stat.kind == Kind::File {
            tally.bytes += stat.size;
        }
        Ok(tally)
    }

    fn unlink(&self, path: &Path, kind: Kind) -> Result<(), Cause> {
        let (dir, name) = self.parent(path)?;
        let flags = if kind == Kind::Directory { AtFlags::REMOVEDIR } else { AtFlags::empty() };
        match rustix::fs::unlinkat(&dir, &name, flags) {
            Ok(()) | Err(Errno::NOENT) => Ok(rustix::fs::fsync(&dir)?),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Cuts a regular file to no bytes; owner, mode and the file itself stay. The file must be there.
    pub fn truncate(&self, path: impl AsRef<Path>) -> Result<(), RootError> {
        let path = path.as_ref();
        let cut = self.open_file(path, OFlags::WRONLY).and_then(|file| {
            file.set_len(0)?;
            Ok(file.sync_all()?)
        });
        cut.map_err(|cause| cause.at("empty", path, self.shown()))
    }

    /// Gives a regular file these permission bits.
    pub fn set_mode(&self, path: impl AsRef<Path>, mode: u32) -> Result<(), RootError> {
        let path = path.as_ref();
        let set = self.open_file(path, OFlags::RDONLY).and_then(|file| {
            rustix::fs::fchmod(&file, Mode::from_raw_mode(mode))?;
            Ok(file.sync_all()?)
        });
        set.map_err(|cause| cause.at("change the mode of", path, self.shown()))
    }

    /// Writes everything of the tree's file system to disk.
    pub fn sync(&self) -> Result<(), RootError> {
        let synced = rustix::fs::syncfs(self.as_fd()).map_err(Cause::from);
        synced.map_err(|cause| cause.at("write to disk", Path::new("/"), self.shown()))
    }

    /// Whether two handles are open on one and the same directory.
    pub fn is_same_tree(&self, other: &Self) -> Result<bool, RootError> {
        let stat = |root: &Self| root.stat_followed("/");
        let both = (stat(self)?, stat(other)?);
        Ok(matches!(both, (Some(a), Some(b)) if a.same_object(&b)))
    }

    /// Whether two paths lead to one and the same object.
    pub fn same(&self, a: impl AsRef<Path>, b: impl AsRef<Path>) -> Result<bool, RootError> {
        let both: (Option<Stat>, Option<Stat>) = (self.stat_followed(a)?, self.stat_followed(b)?);
        Ok(matches!(both, (Some(a), Some(b)) if a.same_object(&b)))
    }
}
