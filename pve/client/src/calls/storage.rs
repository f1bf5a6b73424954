//! Storages, archives, and the configuration inside an archive.

use pve_wire::{ContentRow, StorageStatus};
use spec::ids::{StorageId, Vmid, Volid};

use crate::client::Client;
use crate::error::CallError;
use crate::params::Params;

impl Client {
    /// `GET /nodes/NODE/storage`: the storages that this token may see.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn storages(&self) -> Result<Vec<StorageStatus>, CallError> {
        self.get(self.on_node("/storage"), Params::new()).await
    }

    /// `GET …/storage/STORAGE/content?content=backup`: archives. Rows that this token may not read are missing.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn archives(&self, storage: &StorageId) -> Result<Vec<ContentRow>, CallError> {
        let path = self.on_node(&format!("/storage/{storage}/content"));
        self.get(path, Params::new().with("content", "backup")).await
    }

    /// `GET …/storage/STORAGE/content?vmid=VMID`: a guest's volumes; its backups are left out. Rows that this token may
    /// not read are missing: an empty answer proves nothing by itself.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn volumes(&self, storage: &StorageId, vmid: Vmid) -> Result<Vec<ContentRow>, CallError> {
        let path = self.on_node(&format!("/storage/{storage}/content"));
        let mut rows: Vec<ContentRow> = self.get(path, Params::new().with("vmid", &vmid)).await?;
        rows.retain(|row| matches!(row.content.as_str(), "rootdir" | "images"));
        Ok(rows)
    }

    /// `GET /nodes/NODE/vzdump/extractconfig`: the `pct.conf` inside an archive, as text.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::VolumeMissing`](crate::Meaning::VolumeMissing) where there is no such archive.
    pub async fn archived_config(&self, archive: &Volid) -> Result<String, CallError> {
        self.get(self.on_node("/vzdump/extractconfig"), Params::new().with("volume", archive)).await
    }
}
