//! The node, the cluster, and what the token may do there.

use pve_wire::api::calls::{LIST_NODES, NETWORK, NEXT_ID, PERMISSIONS, READ_CONFIG, RESOURCES, VERSION};
use pve_wire::api::{Method, Permission, Verb};
use pve_wire::{GuestConfig, NetworkRow, NodeRow, Permissions, Resource, Version};
use spec::ids::{NodeName, Vmid};

use crate::client::Client;
use crate::error::{CallError, Failure};
use crate::law::rule_of;
use crate::request::Params;

/// The configuration of a virtual machine: read beside the containers', to see which addresses are taken. It stands in
/// no table of ours, since nothing else is done with machines.
static READ_MACHINE_CONFIG: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/qemu/{vmid}/config",
    groups: READ_CONFIG.groups,
    permission: Permission::All,
    tokens: true,
};

impl Client {
    /// `GET /version`: any authenticated token may ask.
    ///
    /// # Errors
    /// [`CallError`], as every call.
    pub async fn version(&self) -> Result<Version, CallError> {
        self.call(&VERSION, Params::new()).await
    }

    /// `GET /access/permissions`: what this token may do, by path.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn permissions(&self) -> Result<Permissions, CallError> {
        self.call(&PERMISSIONS, Params::new()).await
    }

    /// `GET /access/permissions?path=…`: what this token may do there, inherited grants included.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn permissions_on(&self, path: &str) -> Result<Permissions, CallError> {
        self.call(&PERMISSIONS, Params::new().with("path", path)).await
    }

    /// `GET /nodes`: the cluster's nodes.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn nodes(&self) -> Result<Vec<NodeRow>, CallError> {
        self.call(&LIST_NODES, Params::new()).await
    }

    /// `GET /cluster/resources`: guests, nodes and storages that this token may see. It lags by ten seconds and more.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn resources(&self) -> Result<Vec<Resource>, CallError> {
        self.call(&RESOURCES, Params::new()).await
    }

    /// `GET /cluster/resources?type=vm`: the guests of all nodes that this token may see, containers and machines.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn cluster_guests(&self) -> Result<Vec<Resource>, CallError> {
        self.call(&RESOURCES, Params::new().with("type", "vm")).await
    }

    /// `GET /nodes/NODE/KIND/VMID/config` of a row of [`Client::cluster_guests`], on whichever node it is. `None` for a
    /// row that names no guest.
    ///
    /// # Errors
    /// [`CallError`], also where the guest's node does not answer.
    pub async fn config_of(&self, row: &Resource) -> Result<Option<GuestConfig>, CallError> {
        let vmid = row.vmid.and_then(|number| u32::try_from(number).ok()).and_then(|n| Vmid::try_from(n).ok());
        let node: Option<NodeName> = row.node.as_deref().and_then(|node| node.parse().ok());
        let method = match row.kind.as_str() {
            "lxc" => &READ_CONFIG,
            "qemu" => &READ_MACHINE_CONFIG,
            _ => return Ok(None),
        };
        let (Some(vmid), Some(node)) = (vmid, node) else { return Ok(None) };
        self.call(method, Params::new().with("node", &node).with("vmid", &vmid)).await.map(Some)
    }

    /// `GET /cluster/nextid`: the lowest free VMID. Reserves nothing: two that ask get the same.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn next_id(&self) -> Result<Vmid, CallError> {
        self.free_id(Params::new()).await
    }

    /// `GET /cluster/nextid?vmid=…`: whether a VMID is free on every node, also where this token sees nothing.
    /// Reserves nothing.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::GuestExists`](crate::Meaning::GuestExists) where it is taken.
    pub async fn check_free(&self, vmid: Vmid) -> Result<Vmid, CallError> {
        self.free_id(Params::new().with("vmid", &vmid)).await
    }

    /// The answer is a number on some versions, a text on others.
    async fn free_id(&self, params: Params) -> Result<Vmid, CallError> {
        let answer: serde_json::Value = self.call(&NEXT_ID, params).await?;
        let text = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
        text.parse().map_err(|error: spec::ids::InvalidId| CallError {
            method: NEXT_ID.verb.as_str(),
            path: NEXT_ID.path.into(),
            rule: rule_of(&NEXT_ID),
            failure: Failure::Unreadable { why: error.to_string() },
        })
    }

    /// `GET /nodes/NODE/network?type=any_bridge`: the bridges that this token may use.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn bridges(&self) -> Result<Vec<NetworkRow>, CallError> {
        self.call(&NETWORK, Params::new().with("type", "any_bridge")).await
    }
}
