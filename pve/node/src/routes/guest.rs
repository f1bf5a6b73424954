//! Guests: list, destroy, state, interfaces.

use std::collections::BTreeSet;

use pve_wire::{GuestState, GuestStatus};
use spec::ids::Vmid;
use spec::pct::DiskSize;

use crate::api::{Answer, ApiError, Call};
use crate::containers::{interfaces as links, lxc};
use crate::ops::{self, DestroyRequest, Job};
use crate::state::Node;
use crate::tasks;

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let running = lxc::running(&call.node.layout);
    let visible = |vmid: &Vmid| call.who.has(&format!("/vms/{vmid}"), "VM.Audit");
    let rows = call
        .node
        .guests()
        .list()?
        .into_iter()
        .filter(visible)
        .filter_map(|vmid| status_row(&call.node, vmid, &running));
    Answer::of(&rows.collect::<Vec<_>>())
}

pub(super) fn current(call: &Call) -> Result<Answer, ApiError> {
    let vmid = call.vmid()?;
    call.node.guests().read(vmid)?;
    Answer::of(&status_row(&call.node, vmid, &lxc::running(&call.node.layout)))
}

/// A guest's row; none when it was removed meanwhile.
pub fn status_row(node: &Node, vmid: Vmid, running: &BTreeSet<Vmid>) -> Option<GuestStatus> {
    let guest = node.guests().read(vmid).ok()?;
    let number = |key: &str, default: u64| guest.conf.get(key).and_then(|text| text.parse().ok()).unwrap_or(default);
    let pid = running.contains(&vmid).then(|| lxc::init_pid(&node.layout, vmid)).flatten();
    let cores = u32::try_from(number("cores", 1)).unwrap_or(1);
    Some(GuestStatus {
        vmid: u64::from(vmid.get()),
        status: if running.contains(&vmid) { GuestState::Running } else { GuestState::Stopped },
        name: Some(guest.name(vmid)),
        kind: Some("lxc".to_owned()),
        lock: guest.conf.get("lock").map(str::to_owned),
        tags: guest.conf.get("tags").map(str::to_owned),
        template: guest.conf.flag("template"),
        pid: pid.map(u64::from),
        uptime: pid.and_then(uptime).unwrap_or_default(),
        cpus: f64::from(cores),
        mem: 0,
        maxmem: number("memory", 512) << 20,
        maxswap: number("swap", 0) << 20,
        disk: 0,
        maxdisk: guest.conf.rootfs().ok().flatten().and_then(|rootfs| rootfs.size()).map_or(0, DiskSize::bytes),
    })
}

/// Seconds since a process started.
fn uptime(pid: u32) -> Option<u64> {
    let up = std::fs::read_to_string("/proc/uptime").ok()?;
    let up: u64 = up.split('.').next()?.parse().ok()?;
    Some(up.saturating_sub(tasks::start_ticks(pid)? / rustix::param::clock_ticks_per_second()))
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
