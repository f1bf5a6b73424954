//! The pretending node as one of several: guests that are on one of them, nodes that are down, a guest that is migrated
//! between two calls.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{World, state};

const GIB: u64 = 1 << 30;

/// The nodes of a world that has several.
#[derive(Debug, Default)]
pub(crate) struct Cluster {
    /// Their names, and what each has.
    pub(crate) nodes: BTreeMap<&'static str, Has>,
    /// Where guests are.
    pub(crate) seats: BTreeMap<String, String>,
    /// Nodes that no other reaches.
    pub(crate) down: BTreeSet<&'static str>,
    /// So many calls that name a guest from now, it is migrated to this node first.
    pub(crate) migration: Option<(usize, &'static str)>,
}

/// What is free on a node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Has {
    pub(crate) memory: u64,
    pub(crate) disk: u64,
    /// The golden's archive.
    pub(crate) archive: bool,
}

impl Cluster {
    /// Nodes that have the same.
    pub(crate) fn of(names: &[&'static str]) -> Self {
        let has = Has { memory: 16 * GIB, disk: 100 * GIB, archive: true };
        Self { nodes: names.iter().map(|name| (*name, has)).collect(), ..Self::default() }
    }

    pub(crate) fn change(&mut self, node: &str, change: impl FnOnce(&mut Has)) {
        change(self.nodes.get_mut(node).unwrap());
    }
}

impl World {
    /// The node that a guest is on.
    pub(crate) fn seat(&self, vmid: &str) -> &str {
        self.cluster.seats.get(vmid).map_or("pve", String::as_str)
    }

    /// Moves the guest that a call is about, if its time has come. A locked guest cannot be migrated.
    pub(crate) fn migrate(&mut self, path: &str) {
        let vmid = path.split('/').skip_while(|part| *part != "lxc").nth(1).unwrap_or_default().to_owned();
        let Some(guest) = self.guests.get(&vmid).filter(|guest| !guest.config.contains_key("lock")) else { return };
        assert!(!guest.config.is_empty());
        match &mut self.cluster.migration {
            Some((0, to)) => {
                self.cluster.seats.insert(vmid, (*to).to_owned());
                self.cluster.migration = None;
            }
            Some((calls, _)) => *calls -= 1,
            None => {}
        }
    }

    pub(crate) fn is_down(&self, path: &str) -> bool {
        path.strip_prefix("/nodes/")
            .and_then(|rest| rest.split('/').next())
            .is_some_and(|node| self.cluster.down.contains(node))
    }

    /// What is answered otherwise where there are several nodes.
    pub(crate) fn by_node(
        &mut self,
        method: &Method,
        parts: &[&str],
        params: &BTreeMap<String, String>,
    ) -> Option<Result<Value, String>> {
        if self.cluster.nodes.is_empty() {
            return None;
        }
        match (method.as_str(), parts) {
            ("GET", ["cluster", "resources"]) => Some(Ok(self.resources(params.get("type").map(String::as_str)))),
            ("GET", ["cluster", "nextid"]) if self.guests.contains_key(&params["vmid"]) => {
                Some(Err(format!("CT {} already exists on node '{}'", params["vmid"], self.seat(&params["vmid"]))))
            }
            ("GET", ["nodes"]) => Some(Ok(self.node_rows())),
            ("GET", ["nodes", node, "storage"]) => {
                let free = self.cluster.nodes[node].disk;
                Some(Ok(
                    json!([{"storage": "local", "type": "dir", "content": "rootdir,backup", "active": 1, "avail": free}]),
                ))
            }
            ("GET", ["nodes", node, "storage", _, "content"]) if !self.cluster.nodes[node].archive => {
                Some(Ok(json!([])))
            }
            ("GET", ["nodes", _, "network"]) => Some(Ok(json!([{"iface": "vmbr0", "type": "bridge"}]))),
            ("GET", ["version"]) => Some(Ok(json!({"version": "9.1.2", "release": "9.1", "repoid": "x"}))),
            ("GET", ["nodes", node, "lxc"]) => {
                let here = self.guests.iter().filter(|(vmid, _)| self.seat(vmid) == *node);
                Some(Ok(here.map(|(vmid, guest)| json!({"vmid": vmid, "status": state(guest), "name": guest.config.get("hostname")})).collect()))
            }
            ("POST", ["nodes", node, "lxc"]) if !self.guests.contains_key(&params["vmid"]) => {
                self.cluster.seats.insert(params["vmid"].clone(), (*node).to_owned());
                None
            }
            (_, ["nodes", node, "lxc", vmid, rest @ ..])
                if self.guests.contains_key(*vmid) && self.seat(vmid) != *node =>
            {
                Some(self.not_here(method, node, vmid, rest))
            }
            _ => None,
        }
    }

    /// As Proxmox answers for a guest that another node has: by the file that it lacks, where it opens the file at all.
    fn not_here(&mut self, method: &Method, node: &str, vmid: &str, call: &[&str]) -> Result<Value, String> {
        let missing = format!("Configuration file 'nodes/{node}/lxc/{vmid}.conf' does not exist");
        match (method.as_str(), call) {
            ("GET", ["interfaces"]) => Ok(Value::Null),
            ("POST", ["status", "start"]) => Ok(self.task("vzstart", vmid, &missing)),
            ("POST", ["status", "stop"]) => Err(format!("CT {vmid} not running")),
            _ => Err(missing),
        }
    }

    fn node_rows(&self) -> Value {
        let status = |node: &str| if self.cluster.down.contains(node) { "offline" } else { "online" };
        self.cluster.nodes.keys().map(|node| json!({"node": node, "type": "node", "status": status(node)})).collect()
    }

    fn resources(&self, kind: Option<&str>) -> Value {
        let guest =
            |vmid: &String| json!({"id": format!("lxc/{vmid}"), "type": "lxc", "vmid": vmid, "node": self.seat(vmid)});
        let mut rows: Vec<Value> = self.guests.keys().map(guest).collect();
        rows.extend(self.machines_elsewhere().as_array().unwrap().iter().cloned());
        if kind != Some("vm") {
            rows.extend(self.cluster.nodes.iter().map(|(node, has)| {
                let status = if self.cluster.down.contains(node) { "offline" } else { "online" };
                json!({"id": format!("node/{node}"), "type": "node", "node": node, "status": status,
                       "maxmem": 64 * GIB, "mem": 64 * GIB - has.memory})
            }));
        }
        json!(rows)
    }
}
