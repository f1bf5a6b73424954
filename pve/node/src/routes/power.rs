//! A guest's state: what may be done, start, stop, shutdown, reboot, suspend, resume.

use std::collections::BTreeMap;

use spec::ids::Vmid;

use crate::api::{Answer, ApiError, Call};
use crate::containers::lxc;
use crate::error::Die;
use crate::ops::{Job, Power, PowerRequest};

/// What there is to ask of a guest's state. A guest that is not there has none.
pub(super) fn index(call: &Call) -> Result<Answer, ApiError> {
    call.node.guests().read(call.vmid()?)?;
    let names = ["current", "start", "stop", "shutdown", "reboot", "migrate"];
    Answer::of(&names.map(|name| BTreeMap::from([("subdir", name)])))
}

/// The guest, and whether it runs.
fn guest(call: &Call) -> Result<(Vmid, bool), ApiError> {
    if call.params.flag("skiplock") && !call.who.is_root() {
        return Err(ApiError::parameter("skiplock", "Only root may use this option."));
    }
    let vmid = call.vmid()?;
    Ok((vmid, lxc::is_running(&call.node.layout, vmid)))
}

/// Starts the task for a guest that does not run.
fn stopped(call: &Call, what: Power) -> Result<Answer, ApiError> {
    match guest(call)? {
        (vmid, true) => Err(Die::AlreadyRunning { vmid }.into()),
        (vmid, false) => call.start(Job::Power(PowerRequest { vmid, what })),
    }
}

/// Starts the task for a guest that runs.
fn running(call: &Call, what: Power) -> Result<Answer, ApiError> {
    match guest(call)? {
        (vmid, true) => call.start(Job::Power(PowerRequest { vmid, what })),
        // Proxmox's own word for this one.
        (vmid, false) if matches!(what, Power::Reboot { .. }) => {
            Err(ApiError::new(500, format!("VM {vmid} not running")))
        }
        (vmid, false) => Err(Die::NotRunning { vmid }.into()),
    }
}

pub(super) fn start(call: &Call) -> Result<Answer, ApiError> {
    stopped(call, Power::Start { skip_lock: call.params.flag("skiplock"), debug: call.params.flag("debug") })
}

pub(super) fn resume(call: &Call) -> Result<Answer, ApiError> {
    stopped(call, Power::Resume)
}

pub(super) fn stop(call: &Call) -> Result<Answer, ApiError> {
    let overrule = call.params.flag("overrule-shutdown");
    running(call, Power::Stop { skip_lock: call.params.flag("skiplock"), overrule })
}

pub(super) fn shutdown(call: &Call) -> Result<Answer, ApiError> {
    let timeout = call.params.number("timeout").unwrap_or(60);
    running(call, Power::Shutdown { timeout, force_stop: call.params.flag("forceStop") })
}

pub(super) fn reboot(call: &Call) -> Result<Answer, ApiError> {
    running(call, Power::Reboot { timeout: call.params.number("timeout") })
}

pub(super) fn suspend(call: &Call) -> Result<Answer, ApiError> {
    running(call, Power::Suspend)
}
