//! A volume's content moves to a new volume on another storage.

use serde::{Deserialize, Serialize};
use spec::ids::Vmid;
use spec::pct::{DiskSize, MountPoint};

use super::{in_a_snapshot, is_unused, volume_of};
use crate::containers::lxc;
use crate::error::{Die, chain};
use crate::ops::duplicate::{Duplicate, duplicate};
use crate::ops::{Op, lock_line, snapshot};
use crate::state::{Node, VolumeFile};

/// What is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Relocate {
    /// The guest.
    pub vmid: Vmid,
    /// `rootfs` or `mpN`.
    pub volume: String,
    /// Where its content goes.
    pub storage: String,
    /// Whether the old volume is removed; else it stays as unused.
    pub delete: bool,
    /// The configuration's digest, as the caller knows it.
    pub digest: Option<String>,
    /// How much may be copied in a second, KiB.
    pub bwlimit: Option<String>,
}

/// Looks whether the volume may move, and locks the guest.
pub fn admit(node: &Node, request: &Relocate) -> Result<(), Die> {
    lock_line::change(node, request.vmid, &|_| (), |guest, conf| {
        guest.refuse_locked(&[])?;
        if lxc::is_running(&node.layout, request.vmid) {
            return Err(Die::text("cannot move volumes of a running container"));
        }
        let key = &request.volume;
        if is_unused(key) {
            let why = "only configured volumes can be moved to another storage";
            return Err(Die::text(format!("cannot move volume '{key}', {why}")));
        }
        let mount = volume_of(conf, key)?;
        let volume = mount.as_ref().map(MountPoint::volume).unwrap_or_default();
        if request.delete && in_a_snapshot(conf, volume)? {
            return Err(Die::text("you can't move a volume with snapshots and delete the source"));
        }
        guest.refuse_modified(request.digest.as_deref())?;
        lock_line::write(conf, "disk")
    })
}

/// Takes the lock away again where no task could be started.
pub fn forget(node: &Node, vmid: Vmid) {
    let _ = lock_line::remove(node, vmid, "disk", &|_| ());
}

/// The work.
pub(super) fn run(op: &Op<'_>, request: &Relocate) -> Result<(), Die> {
    let moved = relocate(op, request);
    let unlocked = lock_line::remove(op.node, request.vmid, "disk", &|text| op.line(text));
    unlocked.unwrap_or_else(|error| op.line(&chain(&error)));
    moved
}

fn relocate(op: &Op<'_>, request: &Relocate) -> Result<(), Die> {
    let guest = op.node.guests().read(request.vmid)?;
    let mount = volume_of(&guest.conf, &request.volume)?;
    let volume = mount.as_ref().map(MountPoint::volume).unwrap_or_default();
    let unable = || Die::text(format!("unable to parse volume ID '{volume}'"));
    let volid = mount.as_ref().and_then(MountPoint::volid).ok_or_else(unable)?;
    let storages = op.node.storages();
    let old = storages.file(&volid)?;
    let copied = Duplicate {
        from: &old,
        snapshot: None,
        vmid: request.vmid,
        storage: &request.storage,
        unprivileged: guest.unprivileged(),
        bwlimit: request.bwlimit.as_deref(),
    };
    let mut new = duplicate(op, &copied)?;
    if guest.conf.flag("template") {
        new = storages.make_base(&new, &|text| op.line(text))?;
    }
    put(op, request, &guest.digest, &old, &new).inspect_err(|_| {
        storages.free(&new).unwrap_or_else(|error| op.line(&chain(&error)));
    })?;
    if request.delete { remove(op, request.vmid, &old) } else { Ok(()) }
}

fn put(op: &Op<'_>, request: &Relocate, digest: &str, old: &VolumeFile, new: &VolumeFile) -> Result<(), Die> {
    lock_line::change(op.node, request.vmid, &|text| op.line(text), |guest, conf| {
        guest.refuse_modified(Some(digest))?;
        let mount = volume_of(conf, &request.volume)?;
        let mut mount = mount.ok_or_else(|| Die::text(format!("mount point '{}' is gone", request.volume)))?;
        mount.set_volume(&new.volid.to_string()).map_err(|error| Die::text(error.pve_text()))?;
        mount.set_size(DiskSize::from_bytes(new.bytes()?));
        conf.set(&request.volume, &mount.to_string()).map_err(|error| Die::text(error.to_string()))?;
        if request.delete { Ok(()) } else { snapshot::add_unused(conf.current_mut(), &old.volid.to_string()) }
    })
}

/// A volume that cannot be removed stays the guest's.
fn remove(op: &Op<'_>, vmid: Vmid, old: &VolumeFile) -> Result<(), Die> {
    let Err(error) = op.node.storages().free(old) else { return Ok(()) };
    op.line(&chain(&error));
    lock_line::change(op.node, vmid, &|text| op.line(text), |_, conf| {
        snapshot::add_unused(conf.current_mut(), &old.volid.to_string())
    })
}
