//! Version, permissions, and what concerns all guests.

use std::collections::BTreeSet;

use pve_wire::{Resource, Version};
use serde_json::json;
use spec::ids::Vmid;

use super::status::status_row;
use crate::api::{Answer, ApiError, Call};
use crate::containers::lxc;

pub(super) fn version(_call: &Call) -> Result<Answer, ApiError> {
    Answer::of(&Version { version: "9.1.2".to_owned(), release: "9.1".to_owned(), repoid: "embedded".to_owned() })
}

pub(super) fn resources(call: &Call) -> Result<Answer, ApiError> {
    let wanted = |kind: &str| call.params.get("type").is_none_or(|wanted| wanted == kind);
    let node = call.node.name();
    let mut rows = Vec::new();
    if call.params.get("type").is_none() {
        let seen = |name: &&String| call.who.has(&format!("/pool/{name}"), "Pool.Audit");
        let pool = |name| json!({"id": format!("/pool/{name}"), "type": "pool", "pool": name});
        rows.extend(call.who.config().pools.keys().filter(seen).map(pool));
    }
    if wanted("node") {
        rows.push(json!({"id": format!("node/{node}"), "type": "node", "node": node, "status": "online"}));
    }
    if wanted("storage") {
        let visible = |id: &str| call.who.has(&format!("/storage/{id}"), "Datastore.Audit");
        for storage in call.node.storages().all().iter().filter(|storage| visible(storage.id.as_str())) {
            rows.push(json!({"id": format!("storage/{node}/{}", storage.id), "type": "storage", "node": node,
                "storage": storage.id, "status": "available"}));
        }
    }
    if wanted("vm") {
        for guest in guests(call)? {
            rows.push(serde_json::to_value(guest).map_err(|error| ApiError::new(500, error.to_string()))?);
        }
    }
    Answer::of(&rows)
}

fn guests(call: &Call) -> Result<Vec<Resource>, ApiError> {
    let running = lxc::running(&call.node.layout);
    let visible = |vmid: &Vmid| call.who.has(&format!("/vms/{vmid}"), "VM.Audit");
    let listed = call.node.guests().list()?;
    let rows = listed.into_iter().filter(visible).filter_map(|vmid| status_row(&call.node, vmid, &running));
    let resource = |status: pve_wire::GuestStatus| Resource {
        id: format!("lxc/{}", status.vmid),
        kind: "lxc".to_owned(),
        node: Some(call.node.name().to_owned()),
        vmid: Some(status.vmid),
        name: status.name,
        status: Some(if status.pid.is_some() { "running" } else { "stopped" }.to_owned()),
        storage: None,
        lock: status.lock,
        tags: status.tags,
        pool: visible_pool(call, status.vmid).map(str::to_owned),
        template: status.template,
        uptime: Some(status.uptime),
        maxmem: Some(status.maxmem),
        maxdisk: Some(status.maxdisk),
    };
    Ok(rows.map(resource).collect())
}

/// The pool that a guest is in, where the caller may see pools.
fn visible_pool(call: &Call, vmid: u64) -> Option<&str> {
    let pool = call.who.config().pool_of(vmid)?;
    call.who.has(&format!("/pool/{pool}"), "Pool.Audit").then_some(pool)
}

/// The smallest free number, as text; or whether a given one is free. Nothing is reserved.
pub(super) fn next_id(call: &Call) -> Result<Answer, ApiError> {
    let taken: BTreeSet<u32> = call.node.guests().list()?.into_iter().map(Vmid::get).collect();
    match call.params.vmid("vmid") {
        Some(vmid) if taken.contains(&vmid.get()) => {
            Err(ApiError::parameter("vmid", &format!("VM {vmid} already exists")))
        }
        Some(vmid) => Answer::of(&vmid.to_string()),
        None => {
            let free = (100..1_000_000).find(|number| !taken.contains(number));
            Answer::of(
                &free
                    .ok_or_else(|| ApiError::new(500, "unable to get any free VMID in range 100..999999"))?
                    .to_string(),
            )
        }
    }
}
