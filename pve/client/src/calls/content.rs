//! What lies on a storage.

use pve_wire::api::calls::{FREE_VOLUME, LIST_CONTENT, READ_VOLUME, UPDATE_VOLUME};
use pve_wire::{ContentRow, Upid, VolumeInfo};
use spec::ids::{StorageId, Vmid, Volid};

use super::MaybeTask;
use crate::client::Client;
use crate::error::CallError;
use crate::request::Params;

impl Client {
    /// `GET …/storage/STORAGE/content`: everything. Rows that this token may not read are missing.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn content(&self, storage: &StorageId) -> Result<Vec<ContentRow>, CallError> {
        self.call(&LIST_CONTENT, Params::new().with("storage", storage)).await
    }

    /// `GET …/storage/STORAGE/content?content=backup`: archives. Rows that this token may not read are missing.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn archives(&self, storage: &StorageId) -> Result<Vec<ContentRow>, CallError> {
        self.call(&LIST_CONTENT, Params::new().with("storage", storage).with("content", "backup")).await
    }

    /// `GET …/storage/STORAGE/content?vmid=VMID`: a guest's volumes; its backups are left out. Rows that this token may
    /// not read are missing: an empty answer proves nothing by itself.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn volumes(&self, storage: &StorageId, vmid: Vmid) -> Result<Vec<ContentRow>, CallError> {
        let params = Params::on(vmid).with("storage", storage);
        let mut rows: Vec<ContentRow> = self.call(&LIST_CONTENT, params).await?;
        rows.retain(|row| matches!(row.content.as_str(), "rootdir" | "images"));
        Ok(rows)
    }

    /// `GET …/content/VOLUME`: its size, and all of its notes.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::VolumeMissing`](crate::Meaning::VolumeMissing) where there is no such volume.
    pub async fn volume(&self, volume: &Volid) -> Result<VolumeInfo, CallError> {
        self.call(&READ_VOLUME, on(volume)).await
    }

    /// `PUT …/content/VOLUME`: replaces an archive's notes.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn set_notes(&self, archive: &Volid, notes: &str) -> Result<(), CallError> {
        self.call_quietly(&UPDATE_VOLUME, on(archive).with("notes", notes)).await
    }

    /// `PUT …/content/VOLUME`: keeps an archive from removal, or no longer.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn set_protected(&self, archive: &Volid, protected: bool) -> Result<(), CallError> {
        self.call_quietly(&UPDATE_VOLUME, on(archive).flag("protected", protected)).await
    }

    /// `DELETE …/content/VOLUME`; none where it is gone already. Proxmox removes the disk of a running guest without a
    /// word: look first.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::Protected`](crate::Meaning::Protected) where it is kept.
    pub async fn delete_volume(&self, volume: &Volid) -> Result<Option<Upid>, CallError> {
        self.call(&FREE_VOLUME, on(volume)).await.map(|MaybeTask(upid)| upid)
    }
}

fn on(volume: &Volid) -> Params {
    Params::new().with("storage", &volume.storage).with("volume", volume)
}
