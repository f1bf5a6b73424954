//! In the task: disks are copied or linked, and the tree is made another's.

use std::fs;

use spec::ids::Vmid;
use spec::pct::{MountPoint, PctConf};

use super::{CloneJob, ClonedDisk};
use crate::containers::{image, lxc, mount};
use crate::error::{Die, chain};
use crate::ops::duplicate::{Duplicate, duplicate};
use crate::ops::{Op, lock_line, membership};
use crate::setup::{Around, Setup};
use crate::state::{GuestFile, VolumeFile};

/// The work. The disks that were made, and the copy's configuration, go again when it fails.
pub(in crate::ops) fn run(op: &Op<'_>, job: &CloneJob) -> Result<(), Die> {
    op.line(&format!("creating a clone of container {} with ID {}", job.vmid, job.newid));
    if lxc::is_running(&op.node.layout, job.vmid) != job.running {
        return Err(Die::text("unexpected state change"));
    }
    let mut made = Vec::new();
    let copied = fill(op, job, &mut made);
    lock_line::remove(op.node, job.vmid, "disk", &|text| op.line(text)).unwrap_or_else(|error| op.line(&chain(&error)));
    if let Err(error) = copied {
        take_back(op, job.newid, &made);
        return Err(Die::text(format!("clone failed: {}", chain(&error))));
    }
    lock_line::remove(op.node, job.newid, "create", &|text| op.line(text))?;
    match &job.target {
        Some(target) => hand_on(op, job.newid, target),
        None => Ok(()),
    }
}

fn fill(op: &Op<'_>, job: &CloneJob, made: &mut Vec<VolumeFile>) -> Result<(), Die> {
    for disk in &job.disks {
        let mut mount = parse(disk)?;
        let copy = copy_of(op, job, disk, &mount)?;
        mount.set_volume(&copy.volid.to_string()).map_err(|error| Die::text(error.pve_text()))?;
        if disk.full {
            mount.set_size(spec::pct::DiskSize::from_bytes(copy.bytes()?));
        }
        made.push(copy);
        change(op, job.newid, |_, conf| {
            conf.set(&disk.key, &mount.to_string()).map_err(|error| Die::text(error.to_string()))
        })?;
    }
    membership::enter_pool(op, job.newid, job.pool.as_deref())?;
    change(op, job.newid, |guest, _| set_up(op, job.newid, guest))
}

fn parse(disk: &ClonedDisk) -> Result<MountPoint, Die> {
    let parsed =
        if disk.key == "rootfs" { MountPoint::parse_rootfs(&disk.mount) } else { MountPoint::parse_mp(&disk.mount) };
    parsed.map_err(|error| Die::text(error.pve_text()))
}

fn copy_of(op: &Op<'_>, job: &CloneJob, disk: &ClonedDisk, mount: &MountPoint) -> Result<VolumeFile, Die> {
    let unable = || Die::text(format!("unable to parse volume ID '{}'", mount.volume()));
    let volid = mount.volid().ok_or_else(unable)?;
    let (key, storages) = (&disk.key, op.node.storages());
    let from = storages.file(&volid)?;
    if !disk.full {
        op.line(&format!("create linked clone of mount point {key} ({volid})"));
        // Of the disk as it is, even where a snapshot was named: so does Proxmox on btrfs.
        let linked = storages.link(&from, job.newid)?;
        image::forget_use(&linked)?;
        return Ok(linked);
    }
    op.line(&format!("create full clone of mountpoint {key} ({volid})"));
    let copied = Duplicate {
        from: &from,
        snapshot: job.snapname.as_deref(),
        vmid: job.newid,
        storage: job.storage.as_deref().unwrap_or(volid.storage.as_str()),
        unprivileged: op.node.guests().read(job.newid)?.unprivileged(),
        bwlimit: job.bwlimit.as_deref(),
    };
    duplicate(op, &copied)
}

/// Changes the copy's configuration, unless somebody took its lock away meanwhile.
fn change<T>(
    op: &Op<'_>,
    newid: Vmid,
    work: impl FnOnce(&GuestFile, &mut PctConf) -> Result<T, Die>,
) -> Result<T, Die> {
    lock_line::change(op.node, newid, &|text| op.line(text), |guest, conf| {
        if guest.conf.get("lock") != Some("create") {
            return Err(Die::text("Lost 'create' config lock, aborting."));
        }
        work(guest, conf)
    })
}

/// The copy's tree must not say that it is the guest it was copied from.
fn set_up(op: &Op<'_>, vmid: Vmid, guest: &GuestFile) -> Result<(), Die> {
    let mounted = mount::mount_writable(op.node, vmid, guest)?;
    // The tree is closed again before the file system is released: an open one would keep it busy.
    Setup::open(mounted.root(), &guest.conf, &Around::of(op.node), op.log)?.after_clone()?;
    mounted.release()?;
    let _ = fs::remove_dir(op.node.layout.rootfs(vmid));
    Ok(())
}

fn take_back(op: &Op<'_>, newid: Vmid, made: &[VolumeFile]) {
    for disk in made {
        op.node.storages().free(disk).unwrap_or_else(|error| op.line(&chain(&error)));
    }
    let removed = op.node.guests().remove(newid);
    removed.unwrap_or_else(|error| op.line(&format!("Failed to remove target CT config - {}", chain(&error))));
    let _ = fs::remove_file(op.node.layout.firewall(newid));
}

/// The copy's disks are shared, so that only its configuration has to go to the other node.
fn hand_on(op: &Op<'_>, newid: Vmid, target: &str) -> Result<(), Die> {
    let cluster = op.node.cluster().map_err(|error| Die::text(chain(&error)))?;
    let other = cluster.iter().find(|node| node.name() == target);
    let other = other.ok_or_else(|| Die::text(format!("no such cluster node '{target}'")))?;
    let from = op.node.layout.conf(newid);
    fs::rename(&from, other.layout.conf(newid)).map_err(Die::io("move", from))
}
