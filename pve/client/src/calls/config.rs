//! A guest's configuration: read and changed under its digest.

use std::collections::BTreeMap;

use pve_wire::api::calls::{PENDING, READ_CONFIG, RESIZE_VM, UPDATE_CONFIG};
use pve_wire::{GuestConfig, PendingRow, Upid};
use spec::ids::{Hostname, Vmid};
use spec::pct::{DiskSize, Net, PropertyError};

use crate::client::Client;
use crate::error::CallError;
use crate::request::Params;

/// A change of a guest's configuration, valid only for the configuration that was read: it cannot be made without the
/// digest of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigChange(Params);

impl ConfigChange {
    /// A change of the configuration that was read.
    pub fn of(read: &GuestConfig) -> Self {
        Self(Params::new().with("digest", &read.digest))
    }

    /// Sets an interface. It must name its MAC address: without one Proxmox draws another at every PUT.
    ///
    /// # Errors
    /// The interface has no `hwaddr`; it is given back.
    pub fn net(self, key: &str, net: &Net) -> Result<Self, Net> {
        if net.hwaddr().is_none() { Err(net.clone()) } else { Ok(Self(self.0.with(key, net))) }
    }

    /// Sets the hostname.
    #[must_use]
    pub fn hostname(self, hostname: &Hostname) -> Self {
        Self(self.0.with("hostname", hostname))
    }

    /// Sets any other key; the node may refuse what its grammar does not know.
    #[must_use]
    pub fn set(self, key: &str, value: &str) -> Self {
        Self(self.0.with(key, value))
    }

    /// Removes keys.
    #[must_use]
    pub fn delete(self, keys: &[&str]) -> Self {
        Self(self.0.with("delete", &keys.join(",")))
    }

    /// Takes changes back that wait for the next start.
    #[must_use]
    pub fn revert(self, keys: &[&str]) -> Self {
        Self(self.0.with("revert", &keys.join(",")))
    }

    /// Sets the description.
    #[must_use]
    pub fn description(self, description: &str) -> Self {
        Self(self.0.with("description", description))
    }
}

/// An interface of a configuration that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key} = {value:?} is no interface")]
pub struct BadNets {
    /// The key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// What is wrong with it.
    #[source]
    pub source: PropertyError,
}

/// A configuration's interfaces by key (`net0`).
///
/// # Errors
/// [`BadNets`] names the first that cannot be read.
pub fn config_nets(config: &GuestConfig) -> Result<BTreeMap<String, Net>, BadNets> {
    let read = |(index, value): (u16, &str)| {
        let key = format!("net{index}");
        match value.parse() {
            Ok(net) => Ok((key, net)),
            Err(source) => Err(BadNets { key, value: value.to_owned(), source }),
        }
    };
    config.family("net").map(read).collect()
}

impl Client {
    /// `GET …/config?current=1`: the configuration in force. Without `current` Proxmox shows pending changes as if they
    /// were in force.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::GuestMissing`](crate::Meaning::GuestMissing) where there is no such guest.
    pub async fn config(&self, vmid: Vmid) -> Result<GuestConfig, CallError> {
        self.call(&READ_CONFIG, Params::on(vmid).flag("current", true)).await
    }

    /// `GET …/config?snapshot=…`: the configuration that a snapshot has kept.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn config_in(&self, vmid: Vmid, snapshot: &str) -> Result<GuestConfig, CallError> {
        self.call(&READ_CONFIG, Params::on(vmid).with("snapshot", snapshot)).await
    }

    /// `GET …/pending`: every key with its value now and after the next start.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn pending(&self, vmid: Vmid) -> Result<Vec<PendingRow>, CallError> {
        self.call(&PENDING, Params::on(vmid)).await
    }

    /// `PUT …/config`: synchronous; waits up to 10 s for the guest's lock.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::ModifiedConfiguration`](crate::Meaning::ModifiedConfiguration) where somebody
    /// wrote in between.
    pub async fn change_config(&self, vmid: Vmid, change: ConfigChange) -> Result<(), CallError> {
        self.call_quietly(&UPDATE_CONFIG, change.0.with("vmid", &vmid)).await
    }

    /// `PUT …/resize` of the root disk to an absolute size: sent twice, it grows once.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::SizeAlready`](crate::Meaning::SizeAlready) or
    /// [`Meaning::ShrinkRefused`](crate::Meaning::ShrinkRefused).
    pub async fn resize_rootfs(&self, vmid: Vmid, size: DiskSize, digest: &str) -> Result<Upid, CallError> {
        self.resize(vmid, "rootfs", size, digest).await
    }

    /// The same for any disk of the guest: `rootfs`, `mp0`, …
    ///
    /// # Errors
    /// As [`Client::resize_rootfs`].
    pub async fn resize(&self, vmid: Vmid, disk: &str, size: DiskSize, digest: &str) -> Result<Upid, CallError> {
        let params = Params::on(vmid).with("disk", disk).with("size", &size).with("digest", digest);
        self.call(&RESIZE_VM, params).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> GuestConfig {
        let values = BTreeMap::from([("net0".to_owned(), "name=eth0,bridge=vmbr0,ip=dhcp".to_owned())]);
        GuestConfig { digest: "2d1c".into(), values, ..GuestConfig::default() }
    }

    #[test]
    fn a_change_bears_the_digest_and_never_an_interface_without_mac() {
        let mut net = config_nets(&config()).unwrap().remove("net0").unwrap();
        assert!(ConfigChange::of(&config()).net("net0", &net).is_err());
        net.set_hwaddr("BC:24:11:00:00:01".parse().unwrap());
        let change = ConfigChange::of(&config()).net("net0", &net).unwrap();
        assert_eq!(change.0.get("digest"), Some("2d1c"));
        assert_eq!(change.0.get("net0"), Some("name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp"));
    }

    #[test]
    fn an_unreadable_interface_is_named() {
        let mut config = config();
        config.values.insert("net3".into(), "bridge=vmbr0".into());
        assert_eq!(config_nets(&config).unwrap_err().key, "net3");
    }
}
