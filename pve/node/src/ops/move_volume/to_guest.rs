//! A volume is given to another guest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use spec::ids::Vmid;
use spec::pct::{MountPoint, MountSource, PctConf};

use super::{in_a_snapshot, is_unused, volume_of};
use crate::containers::lxc;
use crate::error::Die;
use crate::ops::config::{self, Change, ConfigError};
use crate::ops::{Op, lock_line};
use crate::state::{DiskFeature, GuestFile, Node, VolumeFile, locks};

/// What is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reassign {
    /// The guest that has it.
    pub vmid: Vmid,
    /// Under which key.
    pub volume: String,
    /// The guest that gets it.
    pub target: Vmid,
    /// Under which key.
    pub target_volume: String,
    /// The first guest's digest, as the caller knows it.
    pub digest: Option<String>,
    /// The second guest's digest, as the caller knows it.
    pub target_digest: Option<String>,
}

/// A volume that may be given away.
pub struct Given {
    /// The configuration of the guest that has it.
    conf: PctConf,
    mount: MountPoint,
    /// The volume.
    pub disk: VolumeFile,
}

/// Looks whether it may be given.
pub fn admit(node: &Node, request: &Reassign) -> Result<Given, Die> {
    let (key, target_key) = (&request.volume, &request.target_volume);
    if key == "rootfs" || target_key == "rootfs" {
        return Err(Die::text("Cannot move to/from 'rootfs'"));
    }
    if is_unused(key) && !is_unused(target_key) {
        return Err(Die::text("Moving an unused volume to a used one is not possible"));
    }
    let (source, target) = (read(node, request.vmid)?, read(node, request.target)?);
    refuse_guests(request, &source, &target)?;
    let missing = || Die::text(format!("volume '{key}' for container '{}' does not exist", request.vmid));
    let mount = volume_of(&source.conf, key)?.ok_or_else(missing)?;
    if target.conf.get(target_key).is_some() {
        let why = format!("is already in use for container '{}'", request.target);
        return Err(Die::text(format!("Target volume key '{target_key}' {why}")));
    }
    let disk = refuse_volume(node, request, &source.conf, &mount)?;
    Ok(Given { conf: source.conf, mount, disk })
}

fn read(node: &Node, vmid: Vmid) -> Result<GuestFile, Die> {
    match node.guests().owner(vmid)? {
        None => Err(Die::text(format!("could not find CT {vmid}"))),
        Some(other) if other != node.name() => {
            let own = node.name();
            Err(Die::text(format!("Both containers need to be on the same node ({own} != {other})")))
        }
        Some(_) => node.guests().read(vmid),
    }
}

fn refuse_guests(request: &Reassign, source: &GuestFile, target: &GuestFile) -> Result<(), Die> {
    source.refuse_locked(&[])?;
    target.refuse_locked(&[])?;
    if source.conf.flag("template") || target.conf.flag("template") {
        return Err(Die::text("Can't move volumes from or to template CT"));
    }
    let both = [(request.vmid, source, &request.digest), (request.target, target, &request.target_digest)];
    both.into_iter().try_for_each(|(vmid, guest, digest)| {
        let unchanged = guest.refuse_modified(digest.as_deref());
        unchanged.map_err(|error| Die::text(format!("Container {vmid}: {error}")))
    })
}

fn refuse_volume(node: &Node, request: &Reassign, conf: &PctConf, mount: &MountPoint) -> Result<VolumeFile, Die> {
    if in_a_snapshot(conf, mount.volume())? {
        return Err(Die::text("Cannot move volume used by a snapshot to another container"));
    }
    let unable = || Die::text("Storage does not support moving of this disk to another container");
    let volid = mount.volid().filter(|_| mount.source() == MountSource::Volume).ok_or_else(unable)?;
    let disk = node.storages().file(&volid)?;
    if !disk.offers(DiskFeature::Rename, false) {
        return Err(unable());
    }
    if lxc::is_running(&node.layout, request.vmid) && !is_unused(&request.volume) {
        let why = "detach or shutdown first";
        return Err(Die::text(format!("Cannot move in-use volume while the source CT is running - {why}")));
    }
    Ok(disk)
}

/// The work.
pub(super) fn run(op: &Op<'_>, request: &Reassign) -> Result<(), Die> {
    let Given { mut mount, disk, .. } = give(op, request)?;
    let volume = disk.volid.to_string();
    if is_unused(&request.target_volume) {
        lock_line::change(op.node, request.target, &|text| op.line(text), |_, conf| {
            conf.set(&request.target_volume, &volume).map_err(|error| Die::text(error.to_string()))
        })?;
    } else {
        mount.set_volume(&volume).map_err(|error| Die::text(error.pve_text()))?;
        plug(op, request, &mount)?;
    }
    op.line(&format!("target container '{}' updated with '{}'", request.target, request.target_volume));
    Ok(())
}

/// Renames the volume and takes it from the first guest, alone with both guests.
fn give(op: &Op<'_>, request: &Reassign) -> Result<Given, Die> {
    let (vmid, target) = (request.vmid, request.target);
    // In one order always: two that give each other something must not wait for each other.
    let order = if vmid == target { vec![vmid] } else { vec![vmid.min(target), vmid.max(target)] };
    let _held: Vec<locks::Held> = order.into_iter().map(|vmid| op.lock(vmid)).collect::<Result<_, _>>()?;
    let given = admit(op.node, request)?;
    op.line(&format!("moving volume '{}' from container '{vmid}' to '{target}'", request.volume));
    let disk = op.node.storages().hand_over(&given.disk, target)?;
    let mut conf = given.conf.clone();
    conf.remove(&request.volume);
    op.line(&format!("removing volume '{}' from container '{vmid}' config", request.volume));
    op.node.guests().write(vmid, &conf)?;
    Ok(Given { disk, ..given })
}

/// The second guest mounts it, at once where that can be.
fn plug(op: &Op<'_>, request: &Reassign, mount: &MountPoint) -> Result<(), Die> {
    let set = BTreeMap::from([(request.target_volume.clone(), mount.to_string())]);
    match config::apply(op.node, request.target, &Change { set, ..Change::default() }, &|_, _| Ok(())) {
        Err(ConfigError::Keys(errors)) => errors.values().for_each(|why| op.log.warn(why.trim_end())),
        Err(ConfigError::Die(error)) => return Err(error),
        Err(ConfigError::Forbidden(error)) => return Err(Die::text(error.text)),
        Ok(()) => (),
    }
    Ok(())
}
