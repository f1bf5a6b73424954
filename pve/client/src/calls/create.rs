//! Making a guest from a template.

use pve_wire::Upid;
use pve_wire::api::calls::CREATE_VM;
use spec::ids::{Hostname, StorageId, Vmid, Volid};
use spec::pct::{DiskSize, Net};

use crate::client::Client;
use crate::error::CallError;
use crate::request::Params;

/// A new guest from a template: unprivileged, stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create(Params);

impl Create {
    /// Guest `vmid` from `template`, with a root disk of `size`, rounded up to whole GiB, on `storage`.
    pub fn new(vmid: Vmid, template: &Volid, storage: &StorageId, size: DiskSize) -> Self {
        let params = Params::on(vmid)
            .with("ostemplate", template)
            .with("storage", storage)
            .with("rootfs", &format_args!("{storage}:{}", size.gib_rounded_up()))
            .flag("unprivileged", true);
        Self(params)
    }

    /// Sets the hostname.
    #[must_use]
    pub fn hostname(self, hostname: &Hostname) -> Self {
        Self(self.0.with("hostname", hostname))
    }

    /// Sets an interface; without `hwaddr` the node draws one.
    #[must_use]
    pub fn net(self, key: &str, net: &Net) -> Self {
        Self(self.0.with(key, net))
    }

    /// Sets root's password.
    #[must_use]
    pub fn password(self, password: &str) -> Self {
        Self(self.0.with("password", password))
    }

    /// Sets root's authorized keys, one a line.
    #[must_use]
    pub fn ssh_keys(self, keys: &str) -> Self {
        Self(self.0.with("ssh-public-keys", keys))
    }

    /// Sets any other key of the configuration: `cores`, `memory`, `features`.
    #[must_use]
    pub fn set(self, key: &str, value: &str) -> Self {
        Self(self.0.with(key, value))
    }
}

impl Client {
    /// `POST /nodes/NODE/lxc`.
    ///
    /// # Errors
    /// [`CallError`]. An ambiguous one must be answered by looking for the guest and its task, never by a second POST.
    pub async fn create(&self, create: Create) -> Result<Upid, CallError> {
        self.call(&CREATE_VM, create.0).await
    }
}
