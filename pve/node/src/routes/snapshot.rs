//! A guest's snapshots.

use pve_wire::typed_value;
use serde_json::{Map, Value, json};

use super::config::section_values;
use crate::api::{Answer, ApiError, Call};
use crate::containers::lxc;
use crate::ops::Job;
use crate::ops::snapshot::{self, SnapshotRequest, SnapshotWork};
use crate::state::{GuestFile, Node};
use spec::ids::Vmid;

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let vmid = call.vmid()?;
    Answer::of(&rows(&call.node, vmid, &call.node.guests().read(vmid)?))
}

/// The snapshots by name, and the guest as it is now as the last of them.
fn rows(node: &Node, vmid: Vmid, guest: &GuestFile) -> Vec<Value> {
    let mut rows: Vec<Value> = Vec::new();
    for (name, section) in guest.conf.snapshots() {
        let time = section.get("snaptime").and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
        let mut row = json!({
            "name": name,
            "snaptime": time,
            "description": section.description().unwrap_or_default(),
        });
        for key in ["parent", "snapstate"] {
            if let Some(value) = section.get(key) {
                row[key] = value.into();
            }
        }
        rows.push(row);
    }
    let running = u8::from(lxc::is_running(&node.layout, vmid));
    let mut current =
        json!({ "name": "current", "digest": guest.digest, "running": running, "description": "You are here!" });
    if let Some(parent) = guest.conf.get("parent") {
        current["parent"] = parent.into();
    }
    rows.push(current);
    rows
}

pub(super) fn take(call: &Call) -> Result<Answer, ApiError> {
    snapshot::refuse_reserved(call.text("snapname"))?;
    start(call, SnapshotWork::Take { description: call.params.owned("description") })
}

pub(super) fn delete(call: &Call) -> Result<Answer, ApiError> {
    start(call, SnapshotWork::Delete { force: call.params.flag("force") })
}

pub(super) fn roll_back(call: &Call) -> Result<Answer, ApiError> {
    start(call, SnapshotWork::RollBack { start: call.params.flag("start") })
}

fn start(call: &Call, what: SnapshotWork) -> Result<Answer, ApiError> {
    let (vmid, name) = (call.vmid()?, call.text("snapname").to_owned());
    call.start(Job::Snapshot(SnapshotRequest { vmid, name, what }))
}

pub(super) fn index(_: &Call) -> Result<Answer, ApiError> {
    Answer::of(&json!([{ "cmd": "rollback" }, { "cmd": "config" }]))
}

/// The snapshot's section, without the raw lines.
pub(super) fn config(call: &Call) -> Result<Answer, ApiError> {
    let guest = call.node.guests().read(call.vmid()?)?;
    let section = snapshot::section(&guest.conf, Some(call.text("snapname")))?;
    let values = section_values(section).into_iter().map(|(key, value)| {
        let typed = typed_value(&key, &value);
        (key, typed)
    });
    Answer::of(&values.collect::<Map<_, _>>())
}

pub(super) fn describe(call: &Call) -> Result<Answer, ApiError> {
    if let Some(description) = call.params.get("description") {
        snapshot::describe(&call.node, call.vmid()?, call.text("snapname"), description)?;
    }
    Ok(Answer::null())
}
