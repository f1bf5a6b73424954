//! Guests as they stand: the list, and one.

use std::collections::BTreeSet;

use pve_wire::{GuestState, GuestStatus};
use serde_json::json;
use spec::ids::Vmid;
use spec::pct::DiskSize;

use crate::api::{Answer, ApiError, Call};
use crate::containers::lxc;
use crate::containers::usage::{Usage, traffic};
use crate::state::{GuestFile, Node};
use crate::tasks;

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let running = lxc::running(&call.node.layout);
    let visible = |vmid: &Vmid| call.who.has(&format!("/vms/{vmid}"), "VM.Audit");
    let guests = call.node.guests().list()?.into_iter().filter(visible);
    Answer::of(&guests.filter_map(|vmid| status_row(&call.node, vmid, &running)).collect::<Vec<_>>())
}

pub(super) fn current(call: &Call) -> Result<Answer, ApiError> {
    let vmid = call.vmid()?;
    call.node.guests().read(vmid)?;
    let mut answer = Answer::of(&status_row(&call.node, vmid, &lxc::running(&call.node.layout)))?;
    answer.data["ha"] = json!({"managed": 0});
    Ok(answer)
}

/// A guest's row; none when it was removed meanwhile.
pub fn status_row(node: &Node, vmid: Vmid, running: &BTreeSet<Vmid>) -> Option<GuestStatus> {
    let guest = node.guests().read(vmid).ok()?;
    let number = |key: &str| guest.conf.get(key).and_then(|text| text.parse::<u64>().ok());
    let pid = running.contains(&vmid).then(|| lxc::init_pid(&node.layout, vmid)).flatten();
    let usage = pid.map(|pid| Usage::of(vmid, pid));
    let (netin, netout) = if pid.is_some() { traffic(node, vmid) } else { (0, 0) };
    let cpus = cpus(&guest);
    let used = usage.clone().unwrap_or_default();
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
        cpus,
        cpu: used.cpus / cpus,
        mem: used.mem,
        maxmem: number("memory").filter(|memory| *memory > 0).unwrap_or(512) << 20,
        swap: used.swap,
        maxswap: number("swap").unwrap_or_default() << 20,
        disk: used.disk,
        maxdisk: usage.as_ref().map_or_else(|| configured_disk(&guest), |usage| usage.maxdisk),
        diskread: used.diskread,
        diskwrite: used.diskwrite,
        netin,
        netout,
        pressure: usage.map(|usage| usage.pressure),
    })
}

/// The cores that it may use, or the limit on their use, or all that the host has.
fn cpus(guest: &GuestFile) -> f64 {
    let positive = |key: &str| guest.conf.get(key)?.parse::<f64>().ok().filter(|number| *number > 0.0);
    let host = || std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(1));
    positive("cores").or_else(|| positive("cpulimit")).unwrap_or_else(|| f64::from(host()))
}

/// The size that stands in the configuration; 4 GiB where none does.
fn configured_disk(guest: &GuestFile) -> u64 {
    let size = guest.conf.rootfs().ok().flatten().and_then(|rootfs| rootfs.size()).map(DiskSize::bytes);
    size.filter(|bytes| *bytes > 0).unwrap_or(4 * DiskSize::GIB)
}

/// Seconds since a process started.
fn uptime(pid: u32) -> Option<u64> {
    let up = std::fs::read_to_string("/proc/uptime").ok()?;
    let up: u64 = up.split('.').next()?.parse().ok()?;
    Some(up.saturating_sub(tasks::start_ticks(pid)? / rustix::param::clock_ticks_per_second()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::NodeConfig;
    use spec::pct::PctConf;

    #[test]
    fn a_guest_in_the_making_is_shown_with_what_is_usual() {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let vmid: Vmid = "9101".parse().unwrap();
        node.guests().write(vmid, &PctConf::parse("lock: create\n")).unwrap();
        let row = serde_json::to_value(status_row(&node, vmid, &BTreeSet::new()).unwrap()).unwrap();
        assert_eq!(
            (&row["name"], &row["lock"], &row["status"]),
            (&json!("CT9101"), &json!("create"), &json!("stopped"))
        );
        assert_eq!((&row["maxdisk"], &row["maxmem"]), (&json!(4_294_967_296_u64), &json!(536_870_912)));
        assert_eq!((&row["cpu"], &row["netin"], row.get("pressurecpusome")), (&json!(0), &json!(0), None));
        node.guests().write(vmid, &PctConf::parse("cores: 3\ncpulimit: 0.5\n")).unwrap();
        let row = status_row(&node, vmid, &BTreeSet::new()).unwrap();
        assert_eq!(serde_json::to_value(&row).unwrap()["cpus"], json!(3));
    }
}
