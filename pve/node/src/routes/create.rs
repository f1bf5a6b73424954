//! Create and restore. They are declared `user: all` by Proxmox: parameters are checked before permissions.

use std::collections::BTreeMap;

use spec::ids::{Vmid, Volid};
use spec::pct::{MountPoint, MountSource};

use super::permit::{Permit, require_for_nets};
use crate::api::{Answer, ApiError, Call};
use crate::ops::new_guest::{self, Refusal, is_allocation};
use crate::ops::{Job, NewGuestRequest, Touched};
use crate::state::{BackupName, VolumeKind};

/// What Proxmox answers to who names a path and is not root, or names what is no volume at all.
const ONLY_ROOT: &str = "Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 651.";

pub(super) fn post(call: &Call) -> Result<Answer, ApiError> {
    let mut request = NewGuestRequest::of(call.vmid()?, &call.params);
    if !request.unprivileged().unwrap_or(true) {
        call.who.require("/", "Sys.Modify")?;
    }
    if call.params.flag("ha-managed") {
        return Err(ApiError::new(500, "this node has no HA manager: leave ha-managed out"));
    }
    new_guest::look(&call.node, &request)?;
    let pool = call.params.get("pool");
    request.skip_firewall = !may_allocate(call, &request, pool)?;
    may_use_options(call, &request)?;
    for storage in new_guest::target_storages(&call.node, &request)? {
        call.who.require(&format!("/storage/{storage}"), "Datastore.AllocateSpace")?;
    }
    may_read_archive(call, &request)?;
    require_for_nets(call, &request.config)?;
    new_guest::admit(&call.node, &request)?;
    call.start(Job::NewGuest(Box::new(request)))
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Parameter { name, why } => Self::parameter(name, &why),
            Refusal::Died(error) => error.into(),
        }
    }
}

/// Whether the caller may make the guest; false where they may only put a backup of it back.
fn may_allocate(call: &Call, request: &NewGuestRequest, pool: Option<&str>) -> Result<bool, ApiError> {
    let vm = format!("/vms/{}", request.vmid);
    if let Some(pool) = pool {
        call.who.require_pool(pool)?;
    }
    if call.who.require_vm(request.vmid.get(), pool, "VM.Allocate").is_ok() {
        return Ok(true);
    }
    let replaces = request.restore && request.force && call.node.guests().exists(request.vmid);
    if replaces && call.who.has(&vm, "VM.Backup") { Ok(false) } else { Err(ApiError::forbidden_somehow()) }
}

/// When a key is looked at. Proxmox goes by the order of a hash table; this is the one that was recorded.
fn rank_of(key: &str) -> u8 {
    match key {
        "cores" | "cpulimit" | "cpuunits" => 1,
        "memory" | "swap" => 2,
        "hostname" | "nameserver" | "searchdomain" => 3,
        key if key == "rootfs" || key.starts_with("mp") => 0,
        key if key.starts_with("net") => 3,
        _ => LAST_RANK,
    }
}

const LAST_RANK: u8 = 4;

fn may_use_options(call: &Call, request: &NewGuestRequest) -> Result<(), ApiError> {
    // The unprivileged *parameter* decides, not the archive's value: Proxmox's own trap.
    let unprivileged = request.unprivileged().unwrap_or(!request.restore);
    let permit = Permit { call, vmid: request.vmid, old: None, unprivileged };
    for rank in 0..=LAST_RANK {
        let same = |(key, _): &(&String, &String)| rank_of(key) == rank;
        let keys: BTreeMap<String, String> =
            request.config.iter().filter(same).map(|(key, value)| (key.clone(), value.clone())).collect();
        permit.check(Touched::Set(&keys))?;
    }
    if call.who.is_root() {
        return Ok(());
    }
    let parsed = request.config.iter().filter_map(|(key, value)| match key.as_str() {
        "rootfs" => MountPoint::parse_rootfs(value).ok(),
        key if key.starts_with("mp") => value.parse().ok(),
        _ => None,
    });
    let mut there = parsed.filter(|mount| mount.source() == MountSource::Volume && !is_allocation(mount.volume()));
    there.try_for_each(|mount| may_use_volume(call, request.vmid, mount.volume()))
}

/// A volume that is there already: the guest's own, or one on a storage that the caller manages.
fn may_use_volume(call: &Call, vmid: Vmid, text: &str) -> Result<(), ApiError> {
    let volid: Volid = text.parse().map_err(|_| ApiError::new(500, ONLY_ROOT))?;
    let file = call.node.storages().file(&volid)?;
    let storage = format!("/storage/{}", volid.storage);
    match file.kind {
        _ if call.who.has(&storage, "Datastore.Allocate") => Ok(()),
        VolumeKind::Image { owner } if owner == vmid => call.who.require(&storage, "Datastore.AllocateSpace"),
        _ => Err(ApiError::forbidden(&format!("{storage}, Datastore.Allocate"))),
    }
}

/// Only who sits at the node can pipe an archive in, and must say what it will need.
fn may_pipe(call: &Call, request: &NewGuestRequest) -> Result<(), ApiError> {
    let refused = |why: &str| Err(ApiError::new(500, why));
    match request {
        _ if !call.by_hand => refused("pipe requires cli environment"),
        NewGuestRequest { restore: false, .. } => refused("pipe can only be used with restore tasks"),
        request if !request.config.contains_key("rootfs") => refused("pipe requires rootfs parameter"),
        _ => Ok(()),
    }
}

/// A backup may be read by who may back up the guest that it was taken of, or allocate on its storage.
fn may_read_archive(call: &Call, request: &NewGuestRequest) -> Result<(), ApiError> {
    if request.from_stdin() {
        return may_pipe(call, request);
    }
    let volid: Volid = match request.ostemplate.parse() {
        Ok(volid) => volid,
        Err(_) if call.who.is_root() => return Ok(()),
        Err(_) => return Err(ApiError::new(500, ONLY_ROOT)),
    };
    let file = call.node.storages().file(&volid)?;
    let wanted = if request.restore { VolumeKind::Backup } else { VolumeKind::Template };
    if file.kind != wanted {
        return Err(ApiError::new(
            500,
            format!("unable to use volume {volid} - content type needs to be '{}'", wanted.content()),
        ));
    }
    let storage = format!("/storage/{}", volid.storage);
    if !request.restore {
        return call.who.require_any(&storage, &["Datastore.AllocateSpace", "Datastore.Audit"]);
    }
    match BackupName::of(volid.file_name()).owner {
        _ if call.who.has(&storage, "Datastore.Allocate") => Ok(()),
        Some(owner) if owner == request.vmid => Ok(()),
        Some(owner) => {
            call.who.require(&storage, "Datastore.AllocateSpace")?;
            call.who.require(&format!("/vms/{owner}"), "VM.Backup")
        }
        None => call.who.require(&storage, "Datastore.Allocate"),
    }
}
