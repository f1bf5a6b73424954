//! Containers: list, status, interfaces, template, destruction.

use std::net::IpAddr;

use pve_wire::api::calls::{CURRENT_STATUS, DESTROY_VM, INTERFACES, LIST_GUESTS, TEMPLATE};
use pve_wire::{GuestStatus, Interface, Upid};
use spec::ids::Vmid;

use super::MaybeTask;
use crate::client::Client;
use crate::error::CallError;
use crate::request::Params;

impl Client {
    /// `GET /nodes/NODE/lxc`: the node's containers that this token may see.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn guests(&self) -> Result<Vec<GuestStatus>, CallError> {
        self.call(&LIST_GUESTS, Params::new()).await
    }

    /// `GET …/status/current`.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::GuestMissing`](crate::Meaning::GuestMissing) where there is no such guest.
    pub async fn status(&self, vmid: Vmid) -> Result<GuestStatus, CallError> {
        self.call(&CURRENT_STATUS, Params::on(vmid)).await
    }

    /// `GET …/interfaces`: none while the guest is stopped.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn interfaces(&self, vmid: Vmid) -> Result<Option<Vec<Interface>>, CallError> {
        self.call(&INTERFACES, Params::on(vmid)).await
    }

    /// `POST …/template`. Proxmox names no task here though it starts one, `vztemplate`: none means look for it.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::IsTemplate`](crate::Meaning::IsTemplate) where it is one already.
    pub async fn template(&self, vmid: Vmid) -> Result<Option<Upid>, CallError> {
        self.call(&TEMPLATE, Params::on(vmid)).await.map(|MaybeTask(upid)| upid)
    }

    /// `DELETE …?purge=1&destroy-unreferenced-disks=1`, never with `force`: a running guest is stopped by a call of its
    /// own first, so that nothing disappears under a customer by surprise.
    ///
    /// # Errors
    /// [`CallError`]; see [`Meaning`](crate::Meaning) for what the node may answer.
    pub async fn destroy(&self, vmid: Vmid) -> Result<Upid, CallError> {
        self.call(&DESTROY_VM, Params::on(vmid).flag("purge", true).flag("destroy-unreferenced-disks", true)).await
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
