//! Pack: vzdump archives the stopped guest, and the guest is not needed any more.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pve_host::process::CommandError;
use pve_host::vzdump::Backup;
use spec::identity::Identity;
use spec::ids::{InvalidId, Volid};
use spec::manifest::{self, CheckResult};

use super::bake::Baked;
use crate::progress::Progress;
use crate::workshop::Workshop;

/// An archive on the node's storage that is no release yet.
pub struct Packed<'w> {
    pub(super) archive: UnpublishedArchive<'w>,
    pub(super) base: manifest::Base,
    pub(super) checks: Vec<CheckResult>,
    pub(super) forbidden: BTreeSet<Identity>,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// vzdump failed.
    #[error("vzdump made no archive")]
    Vzdump(#[from] CommandError),
    /// The archive's volume id cannot be built from its path.
    #[error("vzdump named the archive unlike Proxmox does")]
    Name(#[from] InvalidId),
}

impl<'w> Packed<'w> {
    /// Archives the guest and destroys it.
    pub fn from(workshop: &'w Workshop<'w>, baked: Baked<'w>) -> Result<Self, PackError> {
        let Baked { guest, base, checks, forbidden } = baked;
        let recipe = workshop.recipe;
        let backup = Backup {
            vmid: guest.vmid(),
            storage: recipe.release.storage.clone(),
            notes: Some(format!("Mintmark golden {}", recipe.name)),
        };
        let path = workshop.host.vzdump().stop_mode(&backup, &mut |line| workshop.progress.output(line.text))?;
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let volid = format!("{}:backup/{file}", recipe.release.storage).parse()?;
        let archive = UnpublishedArchive { path, volid, progress: workshop.progress, published: false };
        workshop.progress.say(&format!("destroying build guest {}", guest.vmid()));
        drop(guest);
        Ok(Self { archive, base, checks, forbidden })
    }
}

/// An archive that is deleted with its side files when it goes out of scope unpublished.
pub(super) struct UnpublishedArchive<'w> {
    pub(super) path: PathBuf,
    pub(super) volid: Volid,
    progress: &'w dyn Progress,
    published: bool,
}

impl UnpublishedArchive<'_> {
    /// It stays.
    pub(super) fn publish(mut self) -> (PathBuf, Volid) {
        self.published = true;
        (std::mem::take(&mut self.path), self.volid.clone())
    }
}

impl Drop for UnpublishedArchive<'_> {
    fn drop(&mut self) {
        if self.published {
            return;
        }
        if let Err(error) = fs::remove_file(&self.path) {
            self.progress.warn(&format!("{} is no release and could not be deleted: {error}", self.path.display()));
        }
        for side in side_files(&self.path) {
            // Not every storage writes them.
            let _ = fs::remove_file(side);
        }
    }
}

/// What Proxmox puts beside `vzdump-….tar.zst`: its notes, and the log without the archive's endings.
fn side_files(archive: &Path) -> [PathBuf; 2] {
    let name = archive.file_name().unwrap_or_default().to_string_lossy();
    let base = name.split_once(".tar").map_or(&*name, |(base, _)| base);
    [archive.with_file_name(format!("{name}.notes")), archive.with_file_name(format!("{base}.log"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn side_files_are_named_as_proxmox_does() {
        let [notes, log] = side_files(Path::new("/dump/vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst"));
        assert_eq!(notes, Path::new("/dump/vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst.notes"));
        assert_eq!(log, Path::new("/dump/vzdump-lxc-9000-2026_11_20-13_45_00.log"));
    }
}
