//! Copying a guest.

use pve_wire::Upid;
use pve_wire::api::calls::CLONE_VM;
use spec::ids::{Hostname, StorageId, Vmid};

use crate::client::Client;
use crate::error::CallError;
use crate::request::Params;

/// A copy of a guest. Proxmox gives every interface of it a random MAC address and copies everything else as it is,
/// `env` and host keys included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloneOf(Params);

impl CloneOf {
    /// Guest `new` with disks of its own, on `storage` where it is given.
    pub fn full(source: Vmid, new: Vmid, storage: Option<&StorageId>) -> Self {
        Self(Params::on(source).with("newid", &new).flag("full", true).maybe("storage", storage))
    }

    /// Guest `new` over the disks of a template, where the storage can do that.
    pub fn linked(source: Vmid, new: Vmid) -> Self {
        Self(Params::on(source).with("newid", &new).flag("full", false))
    }

    /// From a snapshot.
    #[must_use]
    pub fn snapshot(self, name: &str) -> Self {
        Self(self.0.with("snapname", name))
    }

    /// Sets the copy's hostname; it bears the source's otherwise.
    #[must_use]
    pub fn hostname(self, hostname: &Hostname) -> Self {
        Self(self.0.with("hostname", hostname))
    }

    /// Sets the copy's description.
    #[must_use]
    pub fn description(self, description: &str) -> Self {
        Self(self.0.with("description", description))
    }
}

impl Client {
    /// `POST …/clone`.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::GuestExists`](crate::Meaning::GuestExists) or
    /// [`Meaning::FeatureMissing`](crate::Meaning::FeatureMissing).
    pub async fn clone_guest(&self, clone: CloneOf) -> Result<Upid, CallError> {
        self.call(&CLONE_VM, clone.0).await
    }
}
