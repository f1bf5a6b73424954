//! Looking at everything.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use spec::ids::Vmid;

use super::host::{self, Times};
use super::stats::{GuestStats, HostStats, Stats, StorageStats};
use crate::containers::lxc;
use crate::error::{Die, chain};
use crate::routes::status_row;
use crate::state::Node;
use crate::tasks;
use crate::wait;

/// How long the cluster's knowledge lasts.
const EVERY: Duration = Duration::from_secs(10);

/// Looks at all nodes of the cluster for as long as this process lives.
pub fn keep_looking(node: Node) {
    thread::spawn(move || {
        loop {
            for member in node.cluster().unwrap_or_default() {
                if let Err(error) = look(&member) {
                    tracing::warn!(error = chain(&error), node = member.name(), "the node's numbers are old");
                }
            }
            wait::until::<()>(EVERY, EVERY, || None);
        }
    });
}

/// One look at a node; ends of tasks that nobody saw are noted, too.
fn look(node: &Node) -> Result<(), Die> {
    tasks::take_note(node, None)?;
    let running = lxc::running(&node.layout);
    let rows = node.guests().list()?.into_iter().filter_map(|vmid| Some((vmid, status_row(node, vmid, &running)?)));
    let storages = node.storages();
    let usable = storages.all().into_iter().filter(|storage| !storage.disabled() && storage.is_on(node.name()));
    let sizes = usable.map(|storage| (storage.id.to_string(), storages.status(&storage)));
    let stats = Stats {
        host: Some(host_stats()),
        guests: rows.map(|(vmid, row)| guest_stats(vmid, row)).collect(),
        storages: sizes
            .filter(|(_, status)| status.active)
            .map(|(id, status)| (id, StorageStats { disk: status.used, maxdisk: status.total }))
            .collect(),
    };
    stats.write(&node.layout)
}

fn guest_stats(vmid: Vmid, row: pve_wire::GuestStatus) -> (Vmid, GuestStats) {
    let stats = GuestStats {
        name: row.name.unwrap_or_default(),
        status: if row.pid.is_some() { "running" } else { "stopped" }.to_owned(),
        template: u8::from(row.template),
        uptime: row.uptime,
        cpu: row.cpu,
        maxcpu: row.cpus,
        mem: row.mem,
        maxmem: row.maxmem,
        disk: row.disk,
        maxdisk: row.maxdisk,
        netin: row.netin,
        netout: row.netout,
        diskread: row.diskread,
        diskwrite: row.diskwrite,
    };
    (vmid, stats)
}

static LAST: Mutex<Option<Times>> = Mutex::new(None);

/// The machine's numbers; its processors' since the last look.
fn host_stats() -> HostStats {
    let (memory, root, now) = (host::memory(), host::root(), host::times());
    let before = LAST.lock().ok().and_then(|mut last| last.replace(now));
    HostStats {
        uptime: host::uptime(),
        cpu: before.map_or(0.0, |before| now.busy_since(before)),
        maxcpu: host::processors(),
        mem: memory.total.saturating_sub(memory.available),
        maxmem: memory.total,
        disk: root.used,
        maxdisk: root.total,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::NodeConfig;
    use spec::pct::PctConf;

    #[test]
    fn a_new_guest_is_known_after_the_next_look() {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let vmid: Vmid = "9101".parse().unwrap();
        look(&node).unwrap();
        node.guests().write(vmid, &PctConf::parse("hostname: acme\n")).unwrap();
        assert!(Stats::read(&node.layout).guests.is_empty());
        look(&node).unwrap();
        let stats = Stats::read(&node.layout);
        assert_eq!((stats.guests[&vmid].name.as_str(), stats.guests[&vmid].status.as_str()), ("acme", "stopped"));
        assert!(stats.storages["local"].maxdisk > 0 && stats.host.is_some_and(|host| host.maxmem > 0));
    }
}
