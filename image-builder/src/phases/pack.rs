//! Pack: vzdump archives the stopped guest, and the guest is not needed any more.

use std::path::PathBuf;

use pve_host::process::CommandError;
use pve_host::vzdump::{Backup, archive_path};
use spec::ids::{InvalidId, Vmid, Volid};

use super::bake::Baked;
use crate::dossier::Dossier;
use crate::dump;
use crate::guest::{Record, RecordError, ScratchGuest};
use crate::workshop::Workshop;

/// Minutes that a build waits for the node's other backups, which run one at a time: Proxmox's own default, whatever the
/// node's vzdump.conf says. vzdump tells when it waits, and that is told on.
const LOCK_WAIT: u32 = 180;

/// An archive on the node's storage that is no release yet.
pub struct Packed<'w> {
    pub(super) archive: UnpublishedArchive<'w>,
    pub(super) volid: Volid,
    pub(super) dossier: Dossier,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// vzdump failed.
    #[error("vzdump made no archive")]
    Vzdump(#[from] CommandError),
    /// The archive could not be noted down; without that a killed build would leave it for ever.
    #[error("cannot note down the archive")]
    Record(#[from] RecordError),
    /// The archive's volume id cannot be built from its path.
    #[error("vzdump named the archive unlike Proxmox does")]
    Name(#[from] InvalidId),
}

impl<'w> Packed<'w> {
    /// Archives the guest and destroys it.
    pub fn from(workshop: &'w Workshop<'w>, baked: Baked<'w>) -> Result<Self, PackError> {
        let Baked { guest, dossier } = baked;
        let recipe = workshop.recipe;
        let backup = backup(workshop, guest.vmid());
        // The archive is noted down when it is named, not when it is there: a build may be killed in between.
        let mut named = None;
        let path = workshop.host.vzdump().stop_mode(&backup, &mut |line| {
            workshop.progress.output(line.text);
            if let Some(path) = archive_path(line.text) {
                named.get_or_insert_with(|| UnpublishedArchive::note_down(workshop, &guest, path));
            }
        })?;
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let volid = format!("{}:backup/{file}", recipe.release.storage).parse()?;
        let archive = named.unwrap_or_else(|| UnpublishedArchive::note_down(workshop, &guest, path))?;
        workshop.progress.say(&format!("destroying build guest {}", guest.vmid()));
        drop(guest);
        Ok(Self { archive, volid, dossier })
    }
}

/// What vzdump is asked for.
pub(crate) fn backup(workshop: &Workshop<'_>, vmid: Vmid) -> Backup {
    let recipe = workshop.recipe;
    Backup {
        vmid,
        storage: recipe.release.storage.clone(),
        notes: Some(format!("Mintmark golden {}", recipe.name)),
        lock_wait: LOCK_WAIT,
    }
}

/// An archive that is deleted with everything beside it when it goes out of scope unpublished.
pub(super) struct UnpublishedArchive<'w> {
    pub(super) path: PathBuf,
    workshop: &'w Workshop<'w>,
    record: Record,
    published: bool,
}

impl<'w> UnpublishedArchive<'w> {
    fn note_down(workshop: &'w Workshop<'w>, guest: &ScratchGuest<'w>, path: PathBuf) -> Result<Self, RecordError> {
        let record = guest.record_of_archive(path.clone());
        workshop.records.write(&record)?;
        Ok(Self { path, workshop, record, published: false })
    }

    /// It stays.
    pub(super) fn publish(mut self) {
        self.published = true;
    }
}

impl Drop for UnpublishedArchive<'_> {
    fn drop(&mut self) {
        let Self { path, workshop, record, published } = self;
        if !*published && let Err(error) = dump::discard(path) {
            workshop.progress.warn(&format!("{error}: {}", error.source));
            return;
        }
        if let Err(error) = workshop.records.remove(record) {
            workshop.progress.warn(&format!("{error}: {}", error.source));
        }
    }
}
