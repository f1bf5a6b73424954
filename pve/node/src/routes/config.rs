//! A guest's configuration: read, change, what is pending.

use std::collections::{BTreeMap, BTreeSet};

use pve_wire::{GuestConfig, PendingRow};
use spec::ids::Vmid;
use spec::pct::{Features, MountPoint, MountSource};

use super::guest::bridges;
use pve_wire::api::is_config_key;

use crate::api::{Answer, ApiError, Call};
use crate::ops::{self, Change};
use crate::state::GuestFile;

/// A guest's keys and values: as they are now, or, unless `current`, as they will be after the next start.
pub fn config_values(guest: &GuestFile, current: bool) -> BTreeMap<String, String> {
    let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    let mut values: BTreeMap<String, String> = guest.conf.current().entries().map(owned).collect();
    values.extend(guest.conf.description().map(|text| ("description".to_owned(), text.to_owned())));
    if let Some(pending) = guest.conf.pending().filter(|_| !current) {
        for (key, value) in pending.entries() {
            if key == "delete" {
                value.split([',', ' ']).for_each(|key| drop(values.remove(key.trim_start_matches('!'))));
            } else {
                values.insert(key.to_owned(), value.to_owned());
            }
        }
    }
    values
}

pub(super) fn get(call: &Call) -> Result<Answer, ApiError> {
    let vmid = call.vmid()?;
    let guest = call.node.guests().read(vmid)?;
    let mut values = config_values(&guest, call.params.flag("current"));
    if !call.who.has(&format!("/vms/{vmid}"), "VM.Config.Options") {
        values.remove("env");
    }
    let lxc = guest.conf.raw_lxc().iter().map(|raw| (raw.key.clone(), raw.value.clone())).collect();
    Answer::of(&GuestConfig { digest: guest.digest, values, lxc })
}

pub(super) fn pending(call: &Call) -> Result<Answer, ApiError> {
    let guest = call.node.guests().read(call.vmid()?)?;
    let now = config_values(&guest, true);
    let waiting = guest.conf.pending();
    let deleted: BTreeSet<&str> =
        waiting.and_then(|section| section.get("delete")).map(|list| list.split(',').collect()).unwrap_or_default();
    let later = |key: &str| waiting.and_then(|section| section.get(key)).map(str::to_owned);
    let new =
        waiting.into_iter().flat_map(spec::pct::Section::entries).map(|(key, _)| key).filter(|key| *key != "delete");
    let keys: BTreeSet<&str> = now.keys().map(String::as_str).chain(new).collect();
    let row = |key: &str| PendingRow {
        key: key.to_owned(),
        value: now.get(key).cloned(),
        pending: later(key),
        delete: deleted.contains(key).then_some(1),
    };
    Answer::of(&keys.into_iter().map(row).collect::<Vec<_>>())
}

pub(super) fn put(call: &Call) -> Result<Answer, ApiError> {
    let (vmid, params) = (call.vmid()?, &call.params);
    let list = |text: &str| text.split([',', ';', ' ']).filter(|key| !key.is_empty()).map(str::to_owned).collect();
    let delete: BTreeSet<String> = params.get("delete").map(list).unwrap_or_default();
    let change = Change { set: params.filtered(is_config_key), delete, digest: params.owned("digest") };
    if change.is_empty() {
        return Err(ApiError::new(500, "no options specified"));
    }
    if let Some(key) = change.unknown_deletion() {
        return Err(ApiError::parameter("delete", &format!("unknown option '{key}'")));
    }
    if let Some(key) = change.delete.iter().find(|key| change.set.contains_key(*key)) {
        return Err(ApiError::parameter(
            "delete",
            &format!("you can't use '-{key}' and -delete {key}' at the same time"),
        ));
    }
    let guest = call.node.guests().read(vmid)?;
    let deleted = change.delete.iter().map(|key| (key.clone(), String::new()));
    let touched: BTreeMap<String, String> = change.set.clone().into_iter().chain(deleted).collect();
    require_for_keys(call, vmid, &touched, Some(&guest), guest.unprivileged())?;
    require_for_nets(call, &change.set)?;
    ops::apply_config(&call.node, vmid, &change)?;
    Ok(Answer::null())
}

/// The privilege that a key takes.
fn privilege_for(key: &str) -> &'static str {
    match key {
        "cores" | "cpulimit" | "cpuunits" => "VM.Config.CPU",
        "memory" | "swap" => "VM.Config.Memory",
        "nameserver" | "searchdomain" | "hostname" => "VM.Config.Network",
        _ if key.starts_with("net") => "VM.Config.Network",
        "rootfs" => "VM.Config.Disk",
        _ if ["mp", "unused"].iter().any(|family| key.starts_with(family)) => "VM.Config.Disk",
        _ => "VM.Config.Options",
    }
}

/// Refuses, key by key, what the caller may not set or remove. `old` is the guest as it is, where there is one.
pub(super) fn require_for_keys(
    call: &Call,
    vmid: Vmid,
    keys: &BTreeMap<String, String>,
    old: Option<&GuestFile>,
    unprivileged: bool,
) -> Result<(), ApiError> {
    if call.who.is_root() {
        return Ok(());
    }
    for (key, value) in keys {
        match key.as_str() {
            "unprivileged" | "template" | "lock" => (),
            "features" => require_for_features(value, old, unprivileged)?,
            "hookscript" => return Err(only_root("changing the hookscript is")),
            _ if key.starts_with("dev") => return Err(only_root("configuring device passthrough is")),
            _ => {
                refuse_bind(key, value)?;
                call.who.require(&format!("/vms/{vmid}"), privilege_for(key))?;
            }
        }
    }
    Ok(())
}

fn only_root(what: &str) -> ApiError {
    ApiError::forbidden(&format!("{what} only allowed for root@pam"))
}

fn refuse_bind(key: &str, value: &str) -> Result<(), ApiError> {
    let mount = if key == "rootfs" { MountPoint::parse_rootfs(value) } else { value.parse::<MountPoint>() };
    match mount.ok().filter(|_| key == "rootfs" || key.starts_with("mp")).map(|mount| mount.source()) {
        Some(MountSource::Bind) => Err(only_root("mount point type bind is")),
        Some(MountSource::Device) => Err(only_root("mount point type device is")),
        Some(MountSource::Volume) | None => Ok(()),
    }
}

/// Only nesting may be changed by others than root, and only of an unprivileged guest; what does not change passes.
fn require_for_features(value: &str, old: Option<&GuestFile>, unprivileged: bool) -> Result<(), ApiError> {
    let flags = |text: &str| {
        let read: Features = text.trim().parse().unwrap_or_default();
        [read.keyctl(), read.fuse(), read.mknod(), read.force_rw_sys(), !read.mount().is_empty()]
    };
    let before = old.and_then(|guest| guest.conf.get("features")).unwrap_or_default();
    if value.trim() == before.trim() {
        return Ok(());
    }
    if !unprivileged {
        return Err(only_root("changing feature flags for privileged container is"));
    }
    if flags(value) == flags(before) { Ok(()) } else { Err(only_root("changing feature flags (except nesting) is")) }
}

/// A NIC on a bridge takes the right to use that bridge.
pub(super) fn require_for_nets(call: &Call, config: &BTreeMap<String, String>) -> Result<(), ApiError> {
    bridges(config)
        .iter()
        .try_for_each(|bridge| call.who.require(&format!("/sdn/zones/localnetwork/{bridge}"), "SDN.Use"))
}
