//! The node itself and its network.

use std::fs;
use std::path::Path;

use pve_wire::NetworkRow;
use serde_json::{Value, json};

use super::cluster::{VERSION, commit};
use super::resources::node_row;
use crate::api::{Answer, ApiError, Call, fingerprint};
use crate::error::chain;
use crate::statd::{Stats, host};

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let nodes = call.node.cluster().map_err(|error| ApiError::new(500, chain(&error)))?;
    let mut rows = Vec::new();
    for node in nodes {
        let mut row = node_row(call, &node, &Stats::read(&node.layout));
        let print = fingerprint(&node.layout, node.name()).map_err(|error| ApiError::new(500, error.to_string()))?;
        row["ssl_fingerprint"] = json!(print);
        rows.push(row);
    }
    Answer::of(&rows)
}

/// The machine as it is now.
pub(super) fn status(_call: &Call) -> Result<Answer, ApiError> {
    let (memory, root) = (host::memory(), host::root());
    let load: Vec<String> = host::read("/proc/loadavg").split(' ').take(3).map(str::to_owned).collect();
    let kernel = |file: &str| host::read(&format!("/proc/sys/kernel/{file}")).trim().to_owned();
    let (release, build) = (kernel("osrelease"), kernel("version"));
    let mode = if Path::new("/sys/firmware/efi").exists() { "efi" } else { "legacy-bios" };
    Answer::of(&json!({
        "uptime": host::uptime(), "idle": 0, "wait": 0, "cpu": 0, "loadavg": load,
        "kversion": format!("Linux {release} {build}"),
        "current-kernel": {"sysname": "Linux", "release": release, "version": build,
            "machine": std::env::consts::ARCH},
        "boot-info": {"mode": mode}, "cpuinfo": processors(&host::read("/proc/cpuinfo")),
        "memory": {"total": memory.total, "free": memory.free, "available": memory.available,
            "used": memory.total.saturating_sub(memory.available)},
        "swap": {"total": memory.swap_total, "free": memory.swap_free,
            "used": memory.swap_total.saturating_sub(memory.swap_free)},
        "ksm": {"shared": 0},
        "rootfs": {"total": root.total, "used": root.used, "avail": root.avail,
            "free": root.total.saturating_sub(root.used)},
        "pveversion": format!("pve-manager/{VERSION}/{}", commit()),
    }))
}

/// What `/proc/cpuinfo` says in Proxmox's words.
fn processors(text: &str) -> Value {
    let of = |key: &str| {
        let line = text.lines().find(|line| line.split(':').next().is_some_and(|name| name.trim() == key));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let distinct = |key: &str| {
        let lines = text.lines().filter(|line| line.starts_with(key));
        lines.collect::<std::collections::BTreeSet<_>>().len().max(1)
    };
    let sockets = distinct("physical id");
    let cores = of("cpu cores").parse::<usize>().unwrap_or(1) * sockets;
    let hvm = ["vmx", "svm"].iter().any(|flag| of("flags").split(' ').any(|word| word == *flag));
    json!({"cpus": host::processors(), "cores": cores, "sockets": sockets, "model": of("model name"),
        "vendor": of("vendor_id"), "family": of("cpu family"), "mhz": of("cpu MHz"), "flags": of("flags"),
        "hvm": if hvm { "1" } else { "" }, "user_hz": rustix::param::clock_ticks_per_second()})
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
