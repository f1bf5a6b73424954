//! Restoring a golden as a new guest, born clean.

use pve_wire::Upid;
use pve_wire::api::calls::CREATE_VM;
use spec::ids::{Hostname, StorageId, Vmid, Volid};
use spec::pct::{DiskSize, Net};

use crate::client::Client;
use crate::error::CallError;
use crate::request::Params;

/// A restore that cannot bring the archive's identity into the world, not for an instant.
///
/// What it always says: `unprivileged=1` (or the archive decides), `onboot=0`, `protection=0`, and a root disk of a
/// named size. What it cannot say: `unique` (it would discard the given interfaces), `force` (it would overwrite a
/// guest), `features` (the archive carries them, and a token may not), `start`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restore {
    vmid: Vmid,
    params: Params,
}

impl Restore {
    /// A restore of `archive` as guest `vmid` with a root disk of `size`, rounded up to whole GiB, on `storage`.
    pub fn new(vmid: Vmid, archive: &Volid, hostname: &Hostname, storage: &StorageId, size: DiskSize) -> Self {
        let params = Params::new()
            .with("vmid", &vmid)
            .flag("restore", true)
            .with("ostemplate", archive)
            .with("hostname", hostname)
            .with("storage", storage)
            .with("rootfs", &format_args!("{storage}:{}", size.gib_rounded_up()))
            .flag("unprivileged", true)
            .flag("onboot", false)
            .flag("protection", false);
        Self { vmid, params }
    }

    /// Replaces an archived interface. Every one of them must be given, or the guest is born with the golden's MAC.
    /// The link is taken down: nothing of the new guest reaches the wire before its identity was read back.
    ///
    /// # Errors
    /// The interface names no MAC address; it is given back.
    pub fn net(mut self, key: &str, net: &Net) -> Result<Self, Net> {
        if net.hwaddr().is_none() {
            return Err(net.clone());
        }
        let mut down = net.clone();
        down.set_link_down(true);
        self.params = self.params.with(key, &down);
        Ok(self)
    }

    /// Makes a volume (`STORAGE:GIB,mp=PATH`) as `mpN`, with what the archive has below its path. Volumes that are not given
    /// are not made: what the archive has of them lands on the root disk.
    #[must_use]
    pub fn mount(mut self, key: &str, value: &str) -> Self {
        self.params = self.params.with(key, value);
        self
    }

    /// Sets the description: it carries the run's mark from the guest's first instant.
    #[must_use]
    pub fn description(mut self, description: &str) -> Self {
        self.params = self.params.with("description", description);
        self
    }

    /// The guest to be.
    pub fn vmid(&self) -> Vmid {
        self.vmid
    }
}

impl Client {
    /// `POST /nodes/NODE/lxc` with `restore=1`.
    ///
    /// # Errors
    /// [`CallError`]. An ambiguous one must be answered by looking for the guest and its task, never by a second POST.
    pub async fn restore(&self, restore: Restore) -> Result<Upid, CallError> {
        self.call(&CREATE_VM, restore.params).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restore() -> Restore {
        Restore::new(
            "101".parse().unwrap(),
            &"local:backup/vzdump-lxc-9000.tar.zst".parse().unwrap(),
            &"acme".parse().unwrap(),
            &"local".parse().unwrap(),
            "1536M".parse().unwrap(),
        )
    }

    #[test]
    fn a_guest_is_born_clean() {
        let net: Net = "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp".parse().unwrap();
        let restore = restore().net("net0", &net).unwrap();
        let value = |key: &str| restore.params.get(key);
        assert_eq!(value("rootfs"), Some("local:2"));
        for (key, wanted) in [("restore", "1"), ("unprivileged", "1"), ("onboot", "0"), ("protection", "0")] {
            assert_eq!(value(key), Some(wanted), "{key}");
        }
        assert!(value("net0").unwrap().contains("link_down=1"));
        for never in ["unique", "force", "features", "start", "password"] {
            assert_eq!(value(never), None, "{never}");
        }
    }

    #[test]
    fn an_interface_without_mac_is_not_sent() {
        assert!(restore().net("net0", &"name=eth0,bridge=vmbr0".parse().unwrap()).is_err());
    }
}
