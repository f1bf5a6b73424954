//! Starting and ending guests.

use std::process::Stdio;
use std::time::Duration;

use spec::ids::Vmid;

use super::Op;
use super::config::apply_waiting;
use crate::containers::{launch, lxc, mount, nic};
use crate::error::Die;
use crate::exec::Program;

/// Starts a guest.
pub(super) fn start(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    let _lock = op.lock(vmid)?;
    start_locked(op, vmid)
}

/// The same, with the guest's lock held already.
pub(super) fn start_locked(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    let guest = op.unlocked(vmid, &["mounted", "backup"])?;
    if lxc::is_running(&op.node.layout, vmid) {
        return Err(Die::AlreadyRunning { vmid });
    }
    if guest.conf.flag("template") {
        return Err(Die::text("you can't start a CT if it's a template"));
    }
    apply_waiting(op.node, vmid, &|text| op.line(text))?;
    let guest = op.node.guests().read(vmid)?;
    let nets = guest.conf.nets().map_err(|error| Die::text(error.pve_text()))?;
    nets.iter().try_for_each(|(_, net)| nic::refuse_missing_bridge(net))?;
    for (index, _) in &nets {
        nic::unplug(op.node, vmid, *index);
    }
    launch_guest(op, vmid)?;
    lxc::await_running(&op.node.layout, vmid, op.log)?;
    let plugged = nets.iter().try_for_each(|(index, net)| nic::plug(op.node, vmid, *index, net));
    plugged.inspect_err(|_| {
        // Half a network is worse than none: the guest would run without anybody being able to reach it.
        let _ = lxc::kill(&op.node.layout, vmid);
    })
}

/// The launcher has a mount namespace of its own, in which the guest's monitor stays; what it has to say comes on its
/// standard output.
fn launch_guest(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    let me = std::env::current_exe().map_err(Die::io("find", "/proc/self/exe"))?;
    let program = Program::new("unshare").args(["--mount", "--propagation", "private", "--"]).arg(me).arg("--state");
    let program = program.arg(op.node.layout.root()).args(["launch", &vmid.to_string()]);
    let child = program.spawn(Stdio::null(), Stdio::piped(), Stdio::piped())?;
    let output = child.wait_with_output().map_err(Die::io("wait for", "launcher"))?;
    launch::relay(&String::from_utf8_lossy(&output.stdout), output.status.success(), op.log);
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if said.contains("lxc-start") {
        op.line(&said);
        return lxc::await_running(&op.node.layout, vmid, op.log);
    }
    Err(Die::text(said))
}

/// Ends a guest at once.
pub(super) fn stop(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    let _lock = op.lock(vmid)?;
    op.unlocked(vmid, &["mounted"])?;
    refuse_stopped(op, vmid)?;
    kill(op, vmid)
}

/// Ends a guest whose lock is held, and waits until its disks are free again.
pub(super) fn kill(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    lxc::kill(&op.node.layout, vmid)?;
    mount::await_guest_released(op.node, &op.node.guests().read(vmid)?)
}

fn refuse_stopped(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    if lxc::is_running(&op.node.layout, vmid) { Ok(()) } else { Err(Die::NotRunning { vmid }) }
}

/// Asks a guest to shut down.
pub(super) fn shutdown(op: &Op<'_>, vmid: Vmid, timeout: u64, force: bool) -> Result<(), Die> {
    let _lock = op.lock(vmid)?;
    op.unlocked(vmid, &[])?;
    refuse_stopped(op, vmid)?;
    shut_down(op, vmid, timeout, force)
}

/// The same, with the guest's lock held and looked at already.
pub(super) fn shut_down(op: &Op<'_>, vmid: Vmid, timeout: u64, force: bool) -> Result<(), Die> {
    match lxc::shut_down(&op.node.layout, vmid, Duration::from_secs(timeout)) {
        Err(_) if force => kill(op, vmid),
        Err(error) => Err(error),
        Ok(()) => mount::await_guest_released(op.node, &op.node.guests().read(vmid)?),
    }
}

/// Shuts a guest down, ends it when that takes too long, and starts it again.
pub(super) fn reboot(op: &Op<'_>, vmid: Vmid, timeout: u64) -> Result<(), Die> {
    let _lock = op.lock(vmid)?;
    op.unlocked(vmid, &[])?;
    refuse_stopped(op, vmid)?;
    shut_down(op, vmid, timeout, true)?;
    start_locked(op, vmid)
}
