//! Starting a guest.

use std::process::Stdio;

use spec::ids::Vmid;

use crate::containers::{launch, lxc, mount, nic};
use crate::error::Die;
use crate::exec::Program;
use crate::ops::Op;
use crate::ops::config::apply_waiting;
use crate::state::GuestFile;

/// Starts a guest.
pub(super) fn start(op: &Op<'_>, vmid: Vmid, skip_lock: bool, debug: bool) -> Result<(), Die> {
    let _lock = op.lock(vmid)?;
    let guest = op.node.guests().read(vmid)?;
    if guest.conf.flag("template") {
        return Err(Die::text("you can't start a CT if it's a template"));
    }
    if !skip_lock {
        guest.refuse_locked(&["mounted"])?;
    }
    refuse_quotas(&guest)?;
    boot(op, vmid, debug)
}

/// An unprivileged guest's root may not set quotas.
fn refuse_quotas(guest: &GuestFile) -> Result<(), Die> {
    let quota = mount::volumes(guest)?.iter().any(|(_, volume)| volume.get("quota") == Some("1"));
    if quota && guest.unprivileged() {
        return Err(Die::text("Quotas are not supported by unprivileged containers."));
    }
    Ok(())
}

/// Starts a guest whose lock is held, whatever lock its configuration bears.
pub(in crate::ops) fn start_locked(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    boot(op, vmid, false)
}

fn boot(op: &Op<'_>, vmid: Vmid, debug: bool) -> Result<(), Die> {
    if lxc::is_running(&op.node.layout, vmid) {
        return Err(Die::AlreadyRunning { vmid });
    }
    apply_waiting(op.node, vmid, &|text| op.line(text))?;
    let guest = op.node.guests().read(vmid)?;
    let debug = debug || guest.conf.flag("debug");
    let nets = guest.conf.nets().map_err(|error| Die::text(error.pve_text()))?;
    for (index, net) in &nets {
        nic::refuse_unfit_mtu(&format!("net{index}"), net)?;
        nic::unplug(op.node, vmid, *index);
    }
    launch_guest(op, vmid, debug)?;
    lxc::await_running(&op.node.layout, vmid, op.log)?;
    if debug {
        lxc::told(&op.node.layout, vmid).lines().for_each(|line| op.line(line));
    }
    let plugged = nets.iter().try_for_each(|(index, net)| nic::plug(op.node, vmid, *index, net));
    plugged.inspect_err(|_| {
        // Half a network is worse than none: the guest would run without anybody being able to reach it.
        let _ = lxc::kill(&op.node.layout, vmid);
    })
}

/// The launcher has a mount namespace of its own, in which the guest's monitor stays; what it has to say comes on its
/// standard output.
fn launch_guest(op: &Op<'_>, vmid: Vmid, debug: bool) -> Result<(), Die> {
    let me = std::env::current_exe().map_err(Die::io("find", "/proc/self/exe"))?;
    let program = Program::new("unshare").args(["--mount", "--propagation", "private", "--"]).arg(me).arg("--state");
    let program = program.arg(op.node.layout.root()).args(["launch", &vmid.to_string()]);
    let program = if debug { program.arg("--debug") } else { program };
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
