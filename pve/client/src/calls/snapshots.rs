//! Snapshots of a guest.

use pve_wire::api::calls::{DELETE_SNAPSHOT, LIST_SNAPSHOTS, ROLLBACK, SNAPSHOT};
use pve_wire::{SnapshotRow, Upid};
use spec::ids::Vmid;

use crate::client::Client;
use crate::error::CallError;
use crate::request::Params;

impl Client {
    /// `GET …/snapshot`: the guest's snapshots; the last row is `current`, the guest itself.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn snapshots(&self, vmid: Vmid) -> Result<Vec<SnapshotRow>, CallError> {
        self.call(&LIST_SNAPSHOTS, Params::on(vmid)).await
    }

    /// `POST …/snapshot`. Whether the storages can do it shows only in the task.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn snapshot(&self, vmid: Vmid, name: &str, description: &str) -> Result<Upid, CallError> {
        self.call(&SNAPSHOT, Params::on(vmid).with("snapname", name).with("description", description)).await
    }

    /// `POST …/snapshot/NAME/rollback`: a running guest is ended first and stays so.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn rollback(&self, vmid: Vmid, name: &str) -> Result<Upid, CallError> {
        self.call(&ROLLBACK, Params::on(vmid).with("snapname", name)).await
    }

    /// `DELETE …/snapshot/NAME`. That there is none shows only in the task.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn delete_snapshot(&self, vmid: Vmid, name: &str) -> Result<Upid, CallError> {
        self.call(&DELETE_SNAPSHOT, Params::on(vmid).with("snapname", name)).await
    }
}
