//! The identities that the guests of the node and cluster hold, as far as the token sees.

use std::collections::{BTreeMap, BTreeSet};

use pve_client::wire::{GuestConfig, Resource};
use pve_client::{CallError, Client};
use spec::ids::{Hostname, MacAddr, Vmid};

use crate::node::look::is_missing;

/// What is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// VMIDs of the whole cluster, machines included.
    pub vmids: BTreeSet<Vmid>,
    /// MAC addresses of the cluster's guests, machines included.
    pub macs: BTreeSet<MacAddr>,
    hostnames: BTreeMap<String, Vmid>,
}

impl Inventory {
    /// Asks the node.
    ///
    /// # Errors
    /// [`CallError`]; a guest that vanishes meanwhile is none.
    pub async fn of_node(pve: &Client) -> Result<Self, CallError> {
        Self::collect(pve, None).await
    }

    /// The same without one guest: what others hold.
    ///
    /// # Errors
    /// As [`Inventory::of_node`].
    pub async fn of_others(pve: &Client, except: Vmid) -> Result<Self, CallError> {
        Self::collect(pve, Some(except)).await
    }

    async fn collect(pve: &Client, except: Option<Vmid>) -> Result<Self, CallError> {
        let mut inventory = Self::default();
        let cluster = pve.cluster_guests().await?;
        inventory.vmids.extend(cluster.iter().filter_map(|row| vmid(row.vmid?)));
        let elsewhere = cluster.iter().filter(|row| !is_here(pve, row) && row.vmid.and_then(vmid) != except);
        for row in elsewhere {
            match pve.config_of(row).await {
                Ok(config) => inventory.macs.extend(config.iter().flat_map(macs)),
                Err(error) if is_missing(&error) => {}
                // A node that is down must not stop the others' work; the ledger still keeps its own addresses apart.
                Err(error) => tracing::warn!(guest = row.id, %error, "its MAC addresses are not known"),
            }
        }
        for row in pve.guests().await? {
            let Some(vmid) = vmid(row.vmid).filter(|vmid| Some(*vmid) != except) else { continue };
            inventory.vmids.insert(vmid);
            match pve.config(vmid).await {
                Ok(config) => inventory.add(vmid, &config),
                Err(error) if is_missing(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(inventory)
    }

    fn add(&mut self, vmid: Vmid, config: &GuestConfig) {
        self.macs.extend(macs(config));
        if let Some(hostname) = config.get("hostname") {
            self.hostnames.insert(hostname.to_ascii_lowercase(), vmid);
        }
    }

    /// Whose this hostname is.
    pub fn holder_of_hostname(&self, hostname: &Hostname) -> Option<Vmid> {
        self.hostnames.get(&hostname.as_str().to_ascii_lowercase()).copied()
    }
}

/// Whether [`Client::guests`] tells of it anyway.
pub(super) fn is_here(pve: &Client, row: &Resource) -> bool {
    row.kind == "lxc" && row.node.as_deref() == Some(pve.node().as_str())
}

/// Every address in an interface's line, a container's (`hwaddr=…`) or a machine's (`virtio=…`). Looked for piece by
/// piece: a stranger's line that does not parse as a whole has its address all the same.
pub(super) fn macs(config: &GuestConfig) -> BTreeSet<MacAddr> {
    let interfaces = config.values.iter().filter(|(key, _)| key.starts_with("net"));
    interfaces.flat_map(|(_, line)| line.split([',', '=']).filter_map(|piece| piece.trim().parse().ok())).collect()
}

pub(super) fn vmid(number: u64) -> Option<Vmid> {
    u32::try_from(number).ok().and_then(|number| Vmid::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_hides_an_address() {
        let values = [
            ("net0", "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp"),
            ("net1", "bridge=vmbr0,newer-option=1,hwaddr=bc:24:11:00:00:02"),
            ("net2", "virtio=BC:24:11:00:00:03,bridge=vmbr0"),
            ("description", "hwaddr=BC:24:11:00:00:09"),
        ];
        let values = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let found = macs(&GuestConfig { values, ..GuestConfig::default() });
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["BC:24:11:00:00:01", "BC:24:11:00:00:02", "BC:24:11:00:00:03"]);
    }
}
