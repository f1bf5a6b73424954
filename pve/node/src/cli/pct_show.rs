//! `pct`: commands that only show.

use spec::ids::Vmid;

use super::dispatch::{Failure, out};
use super::exit;
use crate::containers::lxc;
use crate::error::Die;
use crate::state::Node;

fn state(running: bool) -> &'static str {
    if running { "running" } else { "stopped" }
}

/// Nothing at all where there is no guest, not even the header.
pub(super) fn list(node: &Node) -> Result<u8, Failure> {
    let running = lxc::running(&node.layout);
    let mut rows = Vec::new();
    for vmid in node.guests().list()? {
        // A guest that is removed meanwhile is simply not listed.
        let Ok(guest) = node.guests().read(vmid) else { continue };
        if rows.is_empty() {
            rows.push(format!("{:<10} {:<10} {:<12} {:<20}\n", "VMID", "Status", "Lock", "Name"));
        }
        let (status, lock) = (state(running.contains(&vmid)), guest.conf.get("lock").unwrap_or_default());
        rows.push(format!("{:<10} {status:<10} {lock:<12} {:<20}\n", vmid.get(), guest.name(vmid)));
    }
    out(&rows.concat());
    Ok(exit::OK)
}

pub(super) fn status(node: &Node, vmid: Vmid, verbose: bool) -> Result<u8, Failure> {
    node.guests().read(vmid)?;
    if verbose {
        let row = crate::routes::status_row(node, vmid, &lxc::running(&node.layout));
        let values = serde_json::to_value(row).map_err(|error| Die::text(error.to_string()))?;
        // A JSON object's keys are sorted here, as Proxmox sorts them.
        for (key, value) in values.as_object().into_iter().flatten().filter(|(key, _)| *key != "cpu") {
            out(&format!("{key}: {}\n", value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
        }
    } else {
        out(&format!("status: {}\n", state(lxc::is_running(&node.layout, vmid))));
    }
    Ok(exit::OK)
}

/// The configuration as it will be after the next start, or with `current` as it is now.
pub(super) fn config(node: &Node, vmid: Vmid, current: bool) -> Result<u8, Failure> {
    let guest = node.guests().read(vmid)?;
    let values = crate::routes::config_values(&guest, current);
    for (key, value) in &values {
        out(&format!("{key}: {}\n", if key == "description" { encoded(value) } else { value.replace('\0', "\\0") }));
    }
    for raw in guest.conf.raw_lxc() {
        out(&format!("{}: {}\n", raw.key, raw.value));
    }
    Ok(exit::OK)
}

/// A description on one line: percent-encoded, as Proxmox prints it.
fn encoded(text: &str) -> String {
    const SET: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS.add(b':').add(b'%');
    percent_encoding::utf8_percent_encode(text, SET).to_string()
}

pub(super) fn pending(node: &Node, vmid: Vmid) -> Result<u8, Failure> {
    let guest = node.guests().read(vmid)?;
    guest.conf.current().entries().for_each(|(key, value)| out(&format!("cur {key}: {value}\n")));
    for (key, value) in guest.conf.pending().into_iter().flat_map(spec::pct::Section::entries) {
        if key == "delete" {
            value.split(',').for_each(|key| out(&format!("del {key}\n")));
        } else {
            out(&format!("new {key}: {value}\n"));
        }
    }
    Ok(exit::OK)
}
