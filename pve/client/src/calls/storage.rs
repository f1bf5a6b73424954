//! Storages, and the configuration inside an archive.

use pve_wire::StorageStatus;
use pve_wire::api::calls::{EXTRACT_CONFIG, LIST_NODE_STORAGES, STORAGE_STATUS};
use spec::ids::{StorageId, Volid};

use crate::client::Client;
use crate::error::CallError;
use crate::request::Params;

impl Client {
    /// `GET /nodes/NODE/storage`: the storages that this token may see.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn storages(&self) -> Result<Vec<StorageStatus>, CallError> {
        self.call(&LIST_NODE_STORAGES, Params::new()).await
    }

    /// `GET …/storage/STORAGE/status`: how large it is and how full.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::StorageMissing`](crate::Meaning::StorageMissing) where there is none.
    pub async fn storage_status(&self, storage: &StorageId) -> Result<StorageStatus, CallError> {
        self.call(&STORAGE_STATUS, Params::new().with("storage", storage)).await
    }

    /// `GET /nodes/NODE/vzdump/extractconfig`: the `pct.conf` inside an archive, as text.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::VolumeMissing`](crate::Meaning::VolumeMissing) where there is no such archive.
    pub async fn archived_config(&self, archive: &Volid) -> Result<String, CallError> {
        self.call(&EXTRACT_CONFIG, Params::new().with("volume", archive)).await
    }
}
