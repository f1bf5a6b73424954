//! Pools: guests and storages under one path of permissions.

use serde_json::{Map, Value, json};
use spec::ids::Vmid;

use super::status::status_row;
use crate::access::changes::pools;
use crate::access::names::split_list;
use crate::access::{AccountStore, Pool, UserConfig};
use crate::api::{Answer, ApiError, Call};
use crate::containers::lxc;
use crate::error::Die;

/// The pools that one may audit; or one pool with its members, which Proxmox shows to everybody.
pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    if call.params.has("poolid") {
        return Answer::of(&[with_members(call)?]);
    }
    let seen = |name: &str| call.who.has(&format!("/pool/{name}"), "Pool.Audit");
    let pools = call.who.config().pools.iter().filter(|(name, _)| seen(name));
    let row = |(name, pool): (&String, &Pool)| {
        let mut row = Map::from_iter([("poolid".to_owned(), json!(name))]);
        comment(pool, &mut row);
        row
    };
    Answer::of(&pools.map(row).collect::<Vec<_>>())
}

pub(super) fn read(call: &Call) -> Result<Answer, ApiError> {
    Answer::of(&with_members(call)?)
}

fn comment(pool: &Pool, row: &mut Map<String, Value>) {
    if !pool.comment.is_empty() {
        row.insert("comment".to_owned(), json!(pool.comment));
    }
}

fn with_members(call: &Call) -> Result<Map<String, Value>, ApiError> {
    let name = call.text("poolid");
    let pool = pools::require(call.who.config(), name)?;
    let wanted = |kind: &str| call.params.get("type").is_none_or(|wanted| wanted == kind);
    let mut members = Vec::new();
    if wanted("lxc") {
        let running = lxc::running(&call.node.layout);
        let vmids = pool.vms.iter().filter_map(|number| u32::try_from(*number).ok()?.try_into().ok());
        members.extend(vmids.filter_map(|vmid: Vmid| guest(call, vmid, &running)));
    }
    if wanted("storage") {
        members.extend(pool.storage.iter().filter_map(|id| storage(call, id)));
    }
    let mut row = Map::from_iter([("members".to_owned(), json!(members)), ("poolid".to_owned(), json!(name))]);
    comment(pool, &mut row);
    Ok(row)
}

/// A guest as `/cluster/resources` shows it; none when it is gone.
fn guest(call: &Call, vmid: Vmid, running: &std::collections::BTreeSet<Vmid>) -> Option<Value> {
    let row = status_row(&call.node, vmid, running)?;
    let node = call.node.name();
    Some(json!({"id": format!("lxc/{vmid}"), "vmid": vmid.get(), "node": node, "type": "lxc", "status": row.status,
        "name": row.name, "uptime": row.uptime, "template": u8::from(row.template), "maxcpu": row.cpus,
        "mem": row.mem, "maxmem": row.maxmem, "disk": row.disk, "maxdisk": row.maxdisk}))
}

fn storage(call: &Call, id: &str) -> Option<Value> {
    let storages = call.node.storages();
    let status = storages.status(&storages.get(id).ok()?);
    let node = call.node.name();
    Some(json!({"id": format!("storage/{node}/{id}"), "storage": id, "node": node, "type": "storage",
        "plugintype": status.kind, "status": "available", "shared": 0, "content": status.content,
        "disk": status.used, "maxdisk": status.total}))
}

pub(super) fn create(call: &Call) -> Result<Answer, ApiError> {
    let store = AccountStore::new(&call.node.layout);
    store.change("create pool failed", |config, _| {
        pools::create(config, call.text("poolid"), call.params.get("comment"))
    })?;
    Ok(Answer::null())
}

/// Changes remark and members. Whoever moves a member must be allowed to change the permissions on it.
pub(super) fn change(call: &Call) -> Result<Answer, ApiError> {
    let name = call.text("poolid");
    AccountStore::new(&call.node.layout).change("update pools failed", |config, _| {
        pools::require(config, name)?;
        if let Some(text) = call.params.get("comment") {
            pools::comment(config, name, text)?;
        }
        change_guests(call, config, name)?;
        change_storages(call, config, name)
    })?;
    Ok(Answer::null())
}

fn change_guests(call: &Call, config: &mut UserConfig, name: &str) -> Result<(), Die> {
    for text in split_list(call.params.get("vms").unwrap_or_default()) {
        let vmid: u64 = text.parse().map_err(|_| Die::text(format!("'{text}' is no guest's number")))?;
        call.who.require_modify(&format!("/vms/{vmid}")).map_err(|error| inside(&error))?;
        if call.params.flag("delete") {
            pools::remove_guest(config, name, vmid)?;
            continue;
        }
        let leave = call.params.flag("allow-move");
        if let Some(other) = config.pool_of(vmid).filter(|other| leave && *other != name) {
            call.who.require(&format!("/pool/{other}"), "Pool.Allocate").map_err(|error| inside(&error))?;
        }
        pools::add_guest(config, name, vmid, leave)?;
    }
    Ok(())
}

fn change_storages(call: &Call, config: &mut UserConfig, name: &str) -> Result<(), Die> {
    for storage in split_list(call.params.get("storage").unwrap_or_default()) {
        call.who.require_modify(&format!("/storage/{storage}")).map_err(|error| inside(&error))?;
        if call.params.flag("delete") {
            pools::remove_storage(config, name, storage)?;
        } else {
            pools::add_storage(config, name, storage)?;
        }
    }
    Ok(())
}

/// A refusal in the middle of a change keeps its number in its text alone: the call dies with 500.
fn inside(error: &ApiError) -> Die {
    Die::text(format!("{} {}", error.status, error.text))
}

pub(super) fn delete(call: &Call) -> Result<Answer, ApiError> {
    let guest = |vmid: u64| {
        let vmid = u32::try_from(vmid).ok().and_then(|number| Vmid::try_from(number).ok());
        vmid.is_some_and(|vmid| call.node.guests().exists(vmid))
    };
    let storage = |id: &str| call.node.storages().get(id).is_ok();
    let store = AccountStore::new(&call.node.layout);
    store.change("delete pool failed", |config, _| pools::delete(config, call.text("poolid"), guest, storage))?;
    Ok(Answer::null())
}
