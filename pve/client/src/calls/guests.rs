//! Containers: list, status, power, interfaces, size, destruction.

use std::net::IpAddr;
use std::time::Duration;

use pve_wire::{GuestStatus, Interface, Upid};
use spec::ids::Vmid;
use spec::pct::DiskSize;

use crate::client::Client;
use crate::error::CallError;
use crate::params::Params;

impl Client {
    /// `GET /nodes/NODE/lxc`: the node's containers that this token may see.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn guests(&self) -> Result<Vec<GuestStatus>, CallError> {
        self.get(self.on_node("/lxc"), Params::new()).await
    }

    /// `GET …/status/current`.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::GuestMissing`](crate::Meaning::GuestMissing) where there is no such guest.
    pub async fn status(&self, vmid: Vmid) -> Result<GuestStatus, CallError> {
        self.get(self.on_guest(vmid, "/status/current"), Params::new()).await
    }

    /// `POST …/status/start`. Wait for the task: the status may say `running` before the guest's init is up.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::AlreadyRunning`](crate::Meaning::AlreadyRunning) where it runs.
    pub async fn start(&self, vmid: Vmid) -> Result<Upid, CallError> {
        self.post(self.on_guest(vmid, "/status/start"), Params::new()).await
    }

    /// `POST …/status/stop`: pulls the plug.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::NotRunning`](crate::Meaning::NotRunning) where it does not run.
    pub async fn stop(&self, vmid: Vmid) -> Result<Upid, CallError> {
        self.post(self.on_guest(vmid, "/status/stop"), Params::new()).await
    }

    /// `POST …/status/shutdown`: asks init to end, and the task fails where it does not within `timeout`.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::NotRunning`](crate::Meaning::NotRunning) where it does not run.
    pub async fn shutdown(&self, vmid: Vmid, timeout: Duration) -> Result<Upid, CallError> {
        let params = Params::new().with("timeout", &timeout.as_secs());
        self.post(self.on_guest(vmid, "/status/shutdown"), params).await
    }

    /// `PUT …/resize` of the root disk to an absolute size: sent twice, it grows once.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::SizeAlready`](crate::Meaning::SizeAlready) or
    /// [`Meaning::ShrinkRefused`](crate::Meaning::ShrinkRefused).
    pub async fn resize_rootfs(&self, vmid: Vmid, size: DiskSize, digest: &str) -> Result<Upid, CallError> {
        let params = Params::new().with("disk", "rootfs").with("size", &size).with("digest", digest);
        self.put(self.on_guest(vmid, "/resize"), params).await
    }

    /// `DELETE …?purge=1&destroy-unreferenced-disks=1`, never with `force`: a running guest is stopped by a call of its
    /// own first, so that nothing disappears under a customer by surprise.
    ///
    /// # Errors
    /// [`CallError`]; see [`Meaning`](crate::Meaning) for what the node may answer.
    pub async fn destroy(&self, vmid: Vmid) -> Result<Upid, CallError> {
        let params = Params::new().flag("purge", true).flag("destroy-unreferenced-disks", true);
        self.delete(self.on_guest(vmid, ""), params).await
    }

    /// `GET …/interfaces`: none while the guest is stopped.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn interfaces(&self, vmid: Vmid) -> Result<Option<Vec<Interface>>, CallError> {
        self.get(self.on_guest(vmid, "/interfaces"), Params::new()).await
    }
}

/// All addresses of an interface; older nodes tell only the last of each family.
pub fn interface_addresses(interface: &Interface) -> Vec<IpAddr> {
    let listed = interface.ip_addresses.iter().filter_map(|row| row.address.parse().ok());
    let legacy = [&interface.inet, &interface.inet6].into_iter().flatten();
    let legacy = legacy.filter_map(|cidr| cidr.split('/').next().and_then(|host| host.parse().ok()));
    let mut all: Vec<IpAddr> = listed.chain(legacy).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_new_and_old_nodes() {
        let new = r#"{"name":"eth0","hwaddr":"bc:24:11:2f:1b:aa","inet":"10.213.0.100/24",
            "ip-addresses":[{"ip-address":"10.213.0.100","ip-address-type":"inet","prefix":"24"},
                            {"ip-address":"10.213.0.101","ip-address-type":"inet","prefix":24}]}"#;
        let old = r#"{"name":"eth0","hwaddr":"bc:24:11:2f:1b:aa","inet":"10.213.0.100/24"}"#;
        let count = |text: &str| interface_addresses(&serde_json::from_str(text).unwrap()).len();
        assert_eq!((count(new), count(old)), (2, 1));
    }
}
