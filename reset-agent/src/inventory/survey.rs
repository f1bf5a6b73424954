//! The identities that the guests of the node and cluster hold, as far as the token sees.

use std::collections::{BTreeMap, BTreeSet};

use pve_client::wire::GuestConfig;
use pve_client::{CallError, Client, config_nets};
use spec::ids::{Hostname, MacAddr, Vmid};

use crate::node::look::is_missing;

/// What is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// VMIDs of the whole cluster, machines included.
    pub vmids: BTreeSet<Vmid>,
    /// MAC addresses of the node's containers.
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
        // A stranger's interface that cannot be read has no address that could be compared.
        let nets = config_nets(config).unwrap_or_default();
        self.macs.extend(nets.values().filter_map(spec::pct::Net::hwaddr));
        if let Some(hostname) = config.get("hostname") {
            self.hostnames.insert(hostname.to_ascii_lowercase(), vmid);
        }
    }

    /// Whose this hostname is.
    pub fn holder_of_hostname(&self, hostname: &Hostname) -> Option<Vmid> {
        self.hostnames.get(&hostname.as_str().to_ascii_lowercase()).copied()
    }
}

fn vmid(number: u64) -> Option<Vmid> {
    u32::try_from(number).ok().and_then(|number| Vmid::try_from(number).ok())
}
