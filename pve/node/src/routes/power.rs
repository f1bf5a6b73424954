//! Start, stop, shutdown, reboot.

use crate::api::{Answer, ApiError, Call, Kind, Param};
use crate::containers::lxc;
use crate::error::Die;
use crate::ops::Job;

pub(super) fn post(call: &Call, vmid: &str, action: &str) -> Result<Answer, ApiError> {
    call.who.require(&format!("/vms/{vmid}"), "VM.PowerMgmt")?;
    let vmid = Call::vmid(vmid)?;
    let known = [
        Param::optional("skiplock", Kind::Boolean),
        Param::optional("timeout", Kind::Integer(0, 86_400)),
        Param::optional("forceStop", Kind::Boolean),
        Param::optional("debug", Kind::Boolean),
        Param::optional("overrule-shutdown", Kind::Boolean),
    ];
    let params = call.params(&[&known])?;
    if params.flag("skiplock") && !call.who.is_root() {
        return Err(ApiError::parameter("skiplock", "Only root may use this option."));
    }
    let running = lxc::is_running(&call.node.layout, vmid);
    let timeout = params.number("timeout").unwrap_or(60);
    let job = match action {
        "start" if running => return Err(Die::AlreadyRunning { vmid }.into()),
        "start" => Job::Start { vmid },
        "reboot" if !running => return Err(ApiError::new(500, format!("VM {vmid} not running"))),
        _ if !running => return Err(Die::NotRunning { vmid }.into()),
        "stop" => Job::Stop { vmid },
        "shutdown" => Job::Shutdown { vmid, timeout, force_stop: params.flag("forceStop") },
        _ => Job::Reboot { vmid, timeout },
    };
    call.start(job)
}
