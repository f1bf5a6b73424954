//! Packing from a snapshot: the guest goes on while its disks as they were are packed.

use std::time::Instant;

use super::guest::{Backup, set_lock};
use super::hook;
use super::modes::{self, Source};
use super::mounts::Plan;
use crate::containers::mount;
use crate::error::{Die, chain};
use crate::exec::Program;
use crate::ops::snapshot::{self, VZDUMP};
use crate::state::DiskFeature;

/// Whether every disk that goes in can be snapshotted.
pub(super) fn is_possible(backup: &Backup<'_>, plan: &Plan) -> Result<bool, Die> {
    let counts = |key: &str, volume: &spec::pct::MountPoint| key == "rootfs" || volume.backup();
    snapshot::allowed(backup.job.op.node, plan.guest.conf.current(), DiskFeature::Snapshot, false, counts)
}

/// Removes what an earlier backup left.
pub(super) fn forget_old(backup: &Backup<'_>, plan: &Plan) -> Result<(), Die> {
    if !plan.guest.conf.snapshots().contains_key(VZDUMP) {
        return Ok(());
    }
    backup.log.info("found old vzdump snapshot (force removal)");
    unlocked(backup, || snapshot::delete(backup.job.op, backup.vmid, VZDUMP, true))
}

/// Takes the snapshot and mounts it. One that cannot be mounted stays, as on Proxmox, until the next backup.
pub(super) fn take(backup: &Backup<'_>, plan: &Plan) -> Result<Source, Die> {
    let (op, vmid) = (backup.job.op, backup.vmid);
    // One disk is of one moment by itself.
    let several = plan.included.len() > 1;
    hook::around_guest(backup, "pre-stop")?;
    if several {
        backup.log.info("suspend vm to make snapshot");
        backup.undo.since.set(Some(Instant::now()));
        modes::freeze(backup)?;
    }
    backup.log.info("create storage snapshot 'vzdump'");
    unlocked(backup, || snapshot::take(op, vmid, VZDUMP, Some("vzdump backup snapshot")))?;
    let mounted = mount::mount_snapshot(op.node, vmid, &plan.guest, VZDUMP).inspect_err(|_| unmount(backup))?;
    backup.undo.snapshot.set(true);
    hook::around_guest(backup, "pre-restart")?;
    if several {
        backup.log.info("resume vm");
        modes::resume(backup)?;
        backup.undo.frozen.set(false);
        modes::tell_online(backup);
    }
    hook::around_guest(backup, "post-restart")?;
    Ok(Source::mounted(plan, mounted))
}

/// Lets it go again.
pub(super) fn remove(backup: &Backup<'_>) {
    backup.log.info("cleanup temporary 'vzdump' snapshot");
    if let Err(error) = snapshot::delete(backup.job.op, backup.vmid, VZDUMP, false) {
        backup.log.aside(&format!("snapshot 'vzdump' was not (fully) removed - {}", chain(&error)));
    }
}

/// What could not be mounted is unmounted all the same, and that is told.
fn unmount(backup: &Backup<'_>) {
    let root = backup.job.op.node.layout.rootfs(backup.vmid);
    let done = Program::new("umount").args(["-l", "-d"]).arg(root).run(&|line| backup.job.op.line(line));
    done.unwrap_or_else(|error| backup.log.aside(&chain(&error)));
}

/// Snapshots have locks of their own: the backup's is taken away meanwhile.
fn unlocked(backup: &Backup<'_>, work: impl FnOnce() -> Result<(), Die>) -> Result<(), Die> {
    set_lock(backup, false)?;
    backup.undo.lock.set(false);
    work()?;
    set_lock(backup, true)?;
    backup.undo.lock.set(true);
    Ok(())
}
