//! Guests: what there is below one, interfaces, removal.

use std::collections::BTreeMap;

use crate::api::{Answer, ApiError, Call};
use crate::containers::{interfaces as links, lxc};
use crate::ops::{self, DestroyRequest, Job};

/// What there is below a guest, as Proxmox tells it; not all of it is served.
const BELOW: &[&str] = &[
    "config",
    "pending",
    "status",
    "vncproxy",
    "termproxy",
    "vncwebsocket",
    "spiceproxy",
    "migrate",
    "clone",
    "rrd",
    "rrddata",
    "firewall",
    "snapshot",
    "resize",
    "interfaces",
];

pub(super) fn index(call: &Call) -> Result<Answer, ApiError> {
    call.node.guests().read(call.vmid()?)?;
    Answer::of(&BELOW.iter().map(|name| BTreeMap::from([("subdir", name)])).collect::<Vec<_>>())
}

pub(super) fn interfaces(call: &Call) -> Result<Answer, ApiError> {
    let vmid = call.vmid()?;
    let running = lxc::is_running(&call.node.layout, vmid);
    match running.then(|| lxc::init_pid(&call.node.layout, vmid)).flatten() {
        None => Ok(Answer::null()),
        Some(init) => Answer::of(&links::of(init)?),
    }
}

pub(super) fn destroy(call: &Call) -> Result<Answer, ApiError> {
    let flag = |name: &str| call.params.flag(name);
    let (vmid, unreferenced) = (call.vmid()?, flag("destroy-unreferenced-disks"));
    let request = DestroyRequest { vmid, force: flag("force"), purge: flag("purge"), unreferenced };
    ops::admit_destroy(&call.node, &request)?;
    call.start(Job::Destroy(request))
}
