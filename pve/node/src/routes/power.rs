//! Start, stop, shutdown, reboot.

use spec::ids::Vmid;

use crate::api::{Answer, ApiError, Call};
use crate::containers::lxc;
use crate::error::Die;
use crate::ops::Job;

/// The guest, and whether it runs.
fn guest(call: &Call) -> Result<(Vmid, bool), ApiError> {
    if call.params.flag("skiplock") && !call.who.is_root() {
        return Err(ApiError::parameter("skiplock", "Only root may use this option."));
    }
    let vmid = call.vmid()?;
    Ok((vmid, lxc::is_running(&call.node.layout, vmid)))
}

fn timeout(call: &Call) -> u64 {
    call.params.number("timeout").unwrap_or(60)
}

pub(super) fn start(call: &Call) -> Result<Answer, ApiError> {
    match guest(call)? {
        (vmid, true) => Err(Die::AlreadyRunning { vmid }.into()),
        (vmid, false) => call.start(Job::Start { vmid }),
    }
}

pub(super) fn stop(call: &Call) -> Result<Answer, ApiError> {
    match guest(call)? {
        (vmid, true) => call.start(Job::Stop { vmid }),
        (vmid, false) => Err(Die::NotRunning { vmid }.into()),
    }
}

pub(super) fn shutdown(call: &Call) -> Result<Answer, ApiError> {
    let force_stop = call.params.flag("forceStop");
    match guest(call)? {
        (vmid, true) => call.start(Job::Shutdown { vmid, timeout: timeout(call), force_stop }),
        (vmid, false) => Err(Die::NotRunning { vmid }.into()),
    }
}

pub(super) fn reboot(call: &Call) -> Result<Answer, ApiError> {
    match guest(call)? {
        (vmid, true) => call.start(Job::Reboot { vmid, timeout: timeout(call) }),
        (vmid, false) => Err(ApiError::new(500, format!("VM {vmid} not running"))),
    }
}
