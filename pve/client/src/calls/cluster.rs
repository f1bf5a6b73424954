//! The node, the cluster, and what the token may do there.

use pve_wire::{GuestConfig, NetworkRow, NodeRow, Permissions, Resource, Version};
use spec::ids::{NodeName, Vmid};

use crate::client::Client;
use crate::error::{CallError, Failure};
use crate::params::Params;

impl Client {
    /// `GET /version`: any authenticated token may ask.
    ///
    /// # Errors
    /// [`CallError`], as every call.
    pub async fn version(&self) -> Result<Version, CallError> {
        self.get("/version".into(), Params::new()).await
    }

    /// `GET /access/permissions`: what this token may do, by path.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn permissions(&self) -> Result<Permissions, CallError> {
        self.get("/access/permissions".into(), Params::new()).await
    }

    /// `GET /nodes`: the cluster's nodes.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn nodes(&self) -> Result<Vec<NodeRow>, CallError> {
        self.get("/nodes".into(), Params::new()).await
    }

    /// `GET /cluster/resources?type=vm`: the guests of all nodes that this token may see, containers and machines.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn cluster_guests(&self) -> Result<Vec<Resource>, CallError> {
        self.get("/cluster/resources".into(), Params::new().with("type", "vm")).await
    }

    /// `GET /nodes/NODE/KIND/VMID/config` of a row of [`Client::cluster_guests`], on whichever node it is. `None` for a
    /// row that names no guest.
    ///
    /// # Errors
    /// [`CallError`], also where the guest's node does not answer.
    pub async fn config_of(&self, row: &Resource) -> Result<Option<GuestConfig>, CallError> {
        let vmid = row.vmid.and_then(|number| u32::try_from(number).ok()).and_then(|n| Vmid::try_from(n).ok());
        let node: Option<NodeName> = row.node.as_deref().and_then(|node| node.parse().ok());
        let (Some(vmid), Some(node), kind @ ("lxc" | "qemu")) = (vmid, node, row.kind.as_str()) else {
            return Ok(None);
        };
        self.get(format!("/nodes/{node}/{kind}/{vmid}/config"), Params::new()).await.map(Some)
    }

    /// `GET /cluster/nextid?vmid=…`: whether a VMID is free on every node, also where this token sees nothing.
    /// Reserves nothing.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::GuestExists`](crate::Meaning::GuestExists) where it is taken.
    pub async fn check_free(&self, vmid: Vmid) -> Result<Vmid, CallError> {
        let path = "/cluster/nextid";
        let answer: serde_json::Value = self.get(path.into(), Params::new().with("vmid", &vmid)).await?;
        // A number on some versions, a text on others.
        let text = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
        text.parse().map_err(|error: spec::ids::InvalidId| CallError {
            method: "GET",
            path: path.into(),
            failure: Failure::Unreadable { why: error.to_string() },
        })
    }

    /// `GET /nodes/NODE/network?type=any_bridge`: the bridges that this token may use.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn bridges(&self) -> Result<Vec<NetworkRow>, CallError> {
        self.get(self.on_node("/network"), Params::new().with("type", "any_bridge")).await
    }
}
