//! The node itself and its network.

use std::fs;
use std::path::Path;

use pve_wire::{NetworkRow, NodeRow};
use serde_json::json;

use crate::api::{Answer, ApiError, Call, fingerprint};

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let name = call.node.name();
    let print = fingerprint(&call.node.layout, name).map_err(|error| ApiError::new(500, error.to_string()))?;
    Answer::of(&[NodeRow {
        node: name.to_owned(),
        status: "online".to_owned(),
        ssl_fingerprint: Some(print),
        kind: "node".to_owned(),
        id: format!("node/{name}"),
    }])
}

pub(super) fn status(_call: &Call) -> Result<Answer, ApiError> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let uptime = read("/proc/uptime").split('.').next().and_then(|text| text.parse::<u64>().ok());
    let load: Vec<String> = read("/proc/loadavg").split(' ').take(3).map(str::to_owned).collect();
    Answer::of(&json!({"uptime": uptime, "loadavg": load, "kversion": read("/proc/sys/kernel/osrelease").trim()}))
}

/// The bridges: the node's own, and others that the machine has.
pub(super) fn network(call: &Call) -> Result<Answer, ApiError> {
    let own = call.node.config.bridge.as_str();
    let mut rows = Vec::new();
    for entry in fs::read_dir("/sys/class/net").into_iter().flatten().filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("/sdn/zones/localnetwork/{name}");
        let visible = ["SDN.Audit", "SDN.Use"].iter().any(|privilege| call.who.has(&path, privilege));
        if visible && is_bridge(&name) {
            let cidr = (name == own).then(|| call.node.config.subnet.to_string());
            rows.push(NetworkRow { iface: name, kind: "bridge".to_owned(), active: true, autostart: true, cidr });
        }
    }
    rows.sort_by(|a, b| a.iface.cmp(&b.iface));
    Answer::of(&rows)
}

fn is_bridge(name: &str) -> bool {
    Path::new("/sys/class/net").join(name).join("bridge").is_dir()
}
