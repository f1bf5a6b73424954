//! The cluster's list of everything. That a guest is there, its lock and its tags are as now; all numbers, and even its
//! name, are as the cluster was told them last.

use serde_json::{Value, json};
use spec::ids::Vmid;

use crate::api::{Answer, ApiError, Call};
use crate::error::chain;
use crate::statd::Stats;
use crate::state::Node;

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let asked = call.params.get("type");
    let wanted = |kind: &str| asked.is_none_or(|asked| asked == kind);
    let nodes = call.node.cluster().map_err(|error| ApiError::new(500, chain(&error)))?;
    let told: Vec<(Node, Stats)> = nodes.into_iter().map(|node| (node.clone(), Stats::read(&node.layout))).collect();
    let mut rows = Vec::new();
    if asked.is_none() {
        let seen = |name: &&String| call.who.has(&format!("/pool/{name}"), "Pool.Audit");
        let pool = |name: &String| json!({"id": format!("/pool/{name}"), "type": "pool", "pool": name});
        rows.extend(call.who.config().pools.keys().filter(seen).map(pool));
    }
    if wanted("vm") {
        let mut guests = Vec::new();
        for (node, stats) in &told {
            let listed = node.guests().list()?;
            guests.extend(listed.into_iter().map(|vmid| (vmid.to_string(), vmid, node, stats)));
        }
        guests.sort_by(|a, b| a.0.cmp(&b.0));
        rows.extend(guests.into_iter().filter_map(|(_, vmid, node, stats)| guest_row(call, vmid, node, stats)));
    }
    if wanted("node") {
        rows.extend(told.iter().map(|(node, stats)| {
            let mut row = node_row(call, node, stats);
            row["cgroup-mode"] = json!(2);
            row
        }));
    }
    if wanted("storage") {
        rows.extend(told.iter().flat_map(|(node, stats)| storage_rows(call, node, stats)));
    }
    if asked.is_none() && call.who.has("/sdn/zones/localnetwork", "SDN.Audit") {
        rows.extend(told.iter().map(|(node, _)| zone_row(node.name())));
    }
    Answer::of(&rows)
}

fn guest_row(call: &Call, vmid: Vmid, node: &Node, stats: &Stats) -> Option<Value> {
    if !call.who.has(&format!("/vms/{vmid}"), "VM.Audit") {
        return None;
    }
    let guest = node.guests().read(vmid).ok()?;
    let mut row = json!({"id": format!("lxc/{vmid}"), "vmid": vmid.get(), "node": node.name(), "type": "lxc",
        "status": "unknown"});
    if let Some(told) = stats.guests.get(&vmid) {
        merge(
            &mut row,
            json!({"name": told.name, "status": told.status, "template": told.template,
            "uptime": told.uptime, "maxcpu": number(told.maxcpu), "cpu": number(told.cpu), "mem": told.mem,
            "maxmem": told.maxmem, "disk": told.disk, "maxdisk": told.maxdisk, "netin": told.netin,
            "netout": told.netout, "diskread": told.diskread, "diskwrite": told.diskwrite, "memhost": 0}),
        );
    }
    for key in ["lock", "tags"] {
        if let Some(value) = guest.conf.get(key) {
            row[key] = json!(value);
        }
    }
    let pool = call
        .who
        .config()
        .pool_of(u64::from(vmid.get()))
        .filter(|pool| call.who.has(&format!("/pool/{pool}"), "Pool.Audit"));
    if let Some(pool) = pool {
        row["pool"] = json!(pool);
    }
    Some(row)
}

fn merge(row: &mut Value, more: Value) {
    if let (Some(row), Value::Object(more)) = (row.as_object_mut(), more) {
        row.extend(more);
    }
}

/// Whole numbers are written without a fraction.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, positive and small")]
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && (0.0..1e9).contains(&value) { json!(value as u64) } else { json!(value) }
}

/// A node's row; its numbers are for who may see them.
pub(super) fn node_row(call: &Call, node: &Node, stats: &Stats) -> Value {
    let name = node.name();
    let audit = call.who.has(&format!("/nodes/{name}"), "Sys.Audit");
    let mut row = json!({"id": format!("node/{name}"), "node": name, "type": "node", "status": "unknown"});
    let own = name == call.node.name();
    let online = if own || stats.host.is_some() { "online" } else { "unknown" };
    row["status"] = json!(online);
    row["level"] = json!("");
    if let Some(host) = stats.host.as_ref().filter(|_| audit) {
        merge(
            &mut row,
            json!({"uptime": host.uptime, "cpu": number(host.cpu), "maxcpu": host.maxcpu, "mem": host.mem,
            "maxmem": host.maxmem, "disk": host.disk, "maxdisk": host.maxdisk}),
        );
    }
    row
}

fn storage_rows(call: &Call, node: &Node, stats: &Stats) -> Vec<Value> {
    let visible = |id: &str| call.who.has(&format!("/storage/{id}"), "Datastore.Audit");
    let all = node.storages().all();
    let shown = all.iter().filter(|storage| !storage.disabled() && storage.is_on(node.name()));
    let row = |storage: &crate::state::StorageConfig| {
        let mut row = json!({"id": format!("storage/{}/{}", node.name(), storage.id), "storage": storage.id,
            "node": node.name(), "type": "storage", "plugintype": storage.kind.word(), "status": "unknown", "shared": 0,
            "content": storage.content().join(",")});
        if let Some(told) = stats.storages.get(storage.id.as_str()) {
            merge(&mut row, json!({"status": "available", "disk": told.disk, "maxdisk": told.maxdisk}));
        }
        row
    };
    shown.filter(|storage| visible(storage.id.as_str())).map(row).collect()
}

fn zone_row(node: &str) -> Value {
    json!({"id": format!("network/{node}/zone/localnetwork"), "type": "network", "network-type": "zone",
        "network": "localnetwork", "node": node, "status": "ok"})
}
