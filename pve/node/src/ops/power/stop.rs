//! Ending a guest.

use std::time::Duration;

use spec::ids::Vmid;

use super::start::start_locked;
use crate::containers::{lxc, mount};
use crate::error::{Die, chain};
use crate::ops::Op;
use crate::ops::config::apply_waiting;
use crate::tasks;

/// How long LXC waits for a shutdown by itself, seconds.
const USUAL: u64 = 60;

/// Ends a guest at once. One that has ended by itself meanwhile is no failure.
pub(super) fn stop(op: &Op<'_>, vmid: Vmid, skip_lock: bool, overrule: bool) -> Result<(), Die> {
    if overrule {
        abort_shutdowns(op, vmid)?;
    }
    let _lock = op.lock(vmid)?;
    let guest = op.node.guests().read(vmid)?;
    if !skip_lock {
        guest.refuse_locked(&["mounted"])?;
    }
    kill(op, vmid)
}

/// Aborts the guest's shutdowns that still run, as far as the caller may.
fn abort_shutdowns(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    let all = op.principal()?.has(&format!("/nodes/{}", op.node.name()), "Sys.Modify");
    let running = tasks::unfinished(op.node, "vzshutdown", &vmid.to_string());
    let mut aborted = Vec::new();
    for upid in running.iter().filter(|upid| all || tasks::is_own(upid, op.auth_id)) {
        tasks::stop(upid)?;
        aborted.push(upid.as_str());
    }
    if !aborted.is_empty() {
        op.line(&format!("overruled vzshutdown tasks: {}", aborted.join(", ")));
    }
    Ok(())
}

/// Ends a guest whose lock is held, and waits until its disks are free again.
pub(in crate::ops) fn kill(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    if lxc::is_running(&op.node.layout, vmid) {
        lxc::kill(&op.node.layout, vmid)?;
    }
    ended(op, vmid)
}

/// What follows a guest's end: its disks come free, and what waited for this takes effect.
fn ended(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    mount::await_guest_released(op.node, &op.node.guests().read(vmid)?)?;
    apply_waiting(op.node, vmid, &|text| op.line(text))
}

/// Asks a guest to shut down.
pub(super) fn shutdown(op: &Op<'_>, vmid: Vmid, timeout: u64, force: bool) -> Result<(), Die> {
    let _lock = op.lock(vmid)?;
    op.unlocked(vmid, &[])?;
    shut_down(op, vmid, timeout, force)
}

/// The same, with the guest's lock held and looked at already.
pub(in crate::ops) fn shut_down(op: &Op<'_>, vmid: Vmid, timeout: u64, force: bool) -> Result<(), Die> {
    ask(op, vmid, Some(timeout), force)?;
    ended(op, vmid)
}

/// LXC waits for the end; when it gives up, that is told, and the guest gets once more as long to end.
fn ask(op: &Op<'_>, vmid: Vmid, timeout: Option<u64>, force: bool) -> Result<(), Die> {
    if !lxc::is_running(&op.node.layout, vmid) {
        return Ok(());
    }
    if let Err(error) = lxc::shut_down(&op.node.layout, vmid, timeout, force, &|line| op.line(line)) {
        op.line(&chain(&error));
    }
    let more = Duration::from_secs(timeout.unwrap_or(USUAL) + 5);
    if lxc::await_end(&op.node.layout, vmid, more) { Ok(()) } else { Err(Die::text("container did not stop")) }
}

/// Shuts a guest down, ends it when that takes too long, and starts it again. No lock in the configuration stops this.
pub(super) fn reboot(op: &Op<'_>, vmid: Vmid, timeout: Option<u64>) -> Result<(), Die> {
    let _lock = op.lock(vmid)?;
    if !lxc::is_running(&op.node.layout, vmid) {
        return Ok(());
    }
    ask(op, vmid, timeout, true)?;
    ended(op, vmid)?;
    start_locked(op, vmid)
}
