//! The task that makes a guest. Whatever was made is taken back when it fails.

use std::fs;

use spec::ids::Vmid;
use spec::pct::PctConf;

use super::fill::Fill;
use super::recover::{Decided, decide, is_new};
use super::{NewGuestRequest, merge, volumes};
use crate::containers::lxc;
use crate::error::{Die, chain};
use crate::ops::{Job, Op, PowerRequest, membership};
use crate::state::{GuestFile, Node, VolumeFile};
use crate::tasks::{self, TaskRequest};

/// The work.
pub(in crate::ops) fn run(op: &Op<'_>, request: &NewGuestRequest) -> Result<(), Die> {
    let vmid = request.vmid;
    let old = op.node.guests().read(vmid)?;
    let lock = op.lock(vmid).inspect_err(|_| give_up(op, vmid, is_new(&old)))?;
    let decided = prepare(op, request, &old).map_err(|error| {
        give_up(op, vmid, is_new(&old));
        request.aborted(error)
    })?;
    let mut made = Vec::new();
    build(op, request, decided, &old, &mut made).map_err(|error| {
        volumes::take_back(op, &made);
        give_up(op, vmid, true);
        request.aborted(error)
    })?;
    drop(lock);
    membership::enter_pool(op, vmid, request.pool.as_deref())?;
    if request.start {
        let start = TaskRequest {
            job: Job::Power(PowerRequest::start(vmid)),
            auth_id: op.auth_id.to_owned(),
            faults: op.node.faults.is_on(),
        };
        // Who waits for the guest waits for its start too.
        let begin = if op.log.is_attended() { tasks::foreground } else { tasks::start };
        begin(op.node, &start)?;
    }
    Ok(())
}

/// The guest's number is free again; one that was to be replaced, and was not touched, only loses its lock.
fn give_up(op: &Op<'_>, vmid: Vmid, remove: bool) {
    let done = if remove { op.node.guests().remove(vmid) } else { unlock(op, vmid) };
    if let Err(error) = done {
        op.line(&chain(&error));
    }
    if remove {
        forget_mount_directory(op.node, vmid);
    }
}

fn unlock(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    let mut conf = op.node.guests().read(vmid)?.conf;
    conf.remove("lock");
    op.node.guests().write(vmid, &conf)
}

/// What can go wrong before anything is touched.
fn prepare(op: &Op<'_>, request: &NewGuestRequest, old: &GuestFile) -> Result<Decided, Die> {
    if request.restore && lxc::is_running(&op.node.layout, request.vmid) {
        return Err(Die::text("can't overwrite running container"));
    }
    decide(op, request, old)
}

fn build(
    op: &Op<'_>,
    request: &NewGuestRequest,
    decided: Decided,
    old: &GuestFile,
    made: &mut Vec<VolumeFile>,
) -> Result<(), Die> {
    let (vmid, unprivileged) = (request.vmid, decided.unprivileged);
    let mounts = volumes::allocate(op, vmid, decided.plan.mounts, unprivileged, made)?;
    volumes::replace(op, vmid, old)?;
    let mut conf = Fill { op, request, mounts: &mounts, unprivileged }.run(decided.archive.as_ref())?;
    merge::complete(&mut conf, vmid)?;
    decided.plan.later.iter().try_for_each(|(key, value)| merge::set(&mut conf, key, value))?;
    if decided.template {
        make_template(op, &mut conf)?;
    }
    op.node.guests().write(vmid, &conf)
}

fn make_template(op: &Op<'_>, conf: &mut PctConf) -> Result<(), Die> {
    op.line("Convert restored container to template...");
    crate::ops::template::convert(op, conf)
}

/// Removes what a killed worker left at a guest's mount directory on the host: nothing is mounted there any more.
pub(in crate::ops) fn forget_mount_directory(node: &Node, vmid: Vmid) {
    let root = node.layout.rootfs(vmid);
    let _ = fs::remove_dir(&root);
    if let Some(parent) = root.parent() {
        let _ = fs::remove_dir(parent);
    }
}
