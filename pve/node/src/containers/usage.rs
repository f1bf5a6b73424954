//! What a running guest uses.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use pve_wire::Pressure;
use spec::ids::Vmid;

use super::limits::Limits;
use super::nic::is_host_side;
use crate::state::Node;

/// What a running guest uses, in bytes. What the kernel does not tell is nought.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usage {
    /// Memory.
    pub mem: u64,
    /// Swap.
    pub swap: u64,
    /// Of its root file system.
    pub disk: u64,
    /// The root file system's size.
    pub maxdisk: u64,
    /// Read from disks.
    pub diskread: u64,
    /// Written to disks.
    pub diskwrite: u64,
    /// The part of the host's CPUs, in CPUs.
    pub cpus: f64,
    /// Waiting.
    pub pressure: Pressure,
}

impl Usage {
    /// Of the guest whose init is `init`.
    pub fn of(vmid: Vmid, init: u32) -> Self {
        let (disk, maxdisk) = root_disk(init).unwrap_or_default();
        let group = Limits::of(init).map(|limits| limits.group().to_owned()).unwrap_or_default();
        let (diskread, diskwrite) = disk_traffic(&read(&group, "io.stat"));
        Self {
            mem: memory(&group),
            swap: number(&read(&group, "memory.swap.current")),
            disk,
            maxdisk,
            diskread,
            diskwrite,
            cpus: cpus_since(vmid, init, value(&read(&group, "cpu.stat"), "usage_usec")),
            pressure: pressure(&group),
        }
    }
}

fn read(group: &Path, file: &str) -> String {
    fs::read_to_string(group.join(file)).unwrap_or_default()
}

fn number(text: &str) -> u64 {
    text.trim().parse().unwrap_or_default()
}

/// `key value` lines.
fn value(text: &str, key: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
    line.map(number).unwrap_or_default()
}

/// Used and whole size of the guest's `/`.
fn root_disk(init: u32) -> Option<(u64, u64)> {
    let stat = rustix::fs::statvfs(format!("/proc/{init}/root/")).ok()?;
    Some(((stat.f_blocks - stat.f_bfree) * stat.f_frsize, stat.f_blocks * stat.f_frsize))
}

/// What the group's controller says; without one, what its processes have to themselves.
fn memory(group: &Path) -> u64 {
    match fs::read_to_string(group.join("memory.current")) {
        Ok(text) => number(&text).saturating_sub(value(&read(group, "memory.stat"), "inactive_file")),
        Err(_) => processes(group).into_iter().filter_map(own_memory).sum(),
    }
}

fn processes(group: &Path) -> Vec<u32> {
    let mut found: Vec<u32> = read(group, "cgroup.procs").lines().filter_map(|line| line.parse().ok()).collect();
    let entries = fs::read_dir(group).into_iter().flatten().filter_map(Result::ok);
    let below: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.extend(below.iter().flat_map(|group| processes(group)));
    found
}

/// Resident pages that a process shares with no file.
fn own_memory(pid: u32) -> Option<u64> {
    let statm = fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let mut pages = statm.split(' ').skip(1).map(number);
    let (resident, shared) = (pages.next()?, pages.next()?);
    Some(resident.saturating_sub(shared) * rustix::param::page_size() as u64)
}

/// `rbytes` and `wbytes` of all devices.
fn disk_traffic(stat: &str) -> (u64, u64) {
    let sum = |key: &str| stat.split_ascii_whitespace().filter_map(|word| word.strip_prefix(key)).map(number).sum();
    (sum("rbytes="), sum("wbytes="))
}

fn pressure(group: &Path) -> Pressure {
    let of = |file: &str, who: &str| {
        let text = read(group, file);
        let line = text.lines().find_map(|line| line.strip_prefix(who)?.strip_prefix(" avg10="))?;
        line.split(' ').next().map(str::to_owned)
    };
    Pressure {
        cpu_some: of("cpu.pressure", "some"),
        cpu_full: of("cpu.pressure", "full"),
        io_some: of("io.pressure", "some"),
        io_full: of("io.pressure", "full"),
        memory_some: of("memory.pressure", "some"),
        memory_full: of("memory.pressure", "full"),
    }
}

struct Sample {
    init: u32,
    at: Instant,
    used: u64,
    cpus: f64,
}

/// Earlier looks at guests' CPU time: a use is what was added between two looks.
static SAMPLES: Mutex<BTreeMap<Vmid, Sample>> = Mutex::new(BTreeMap::new());

/// CPUs in use since the last look that lies a second back; none at the first look.
#[expect(clippy::cast_precision_loss, reason = "microseconds of CPU time fit into a float for centuries")]
fn cpus_since(vmid: Vmid, init: u32, used: u64) -> f64 {
    let Ok(mut samples) = SAMPLES.lock() else { return 0.0 };
    let at = Instant::now();
    match samples.get(&vmid).filter(|sample| sample.init == init) {
        Some(last) if at.duration_since(last.at).as_millis() < 1000 => last.cpus,
        Some(last) => {
            let cpus = used.saturating_sub(last.used) as f64 / at.duration_since(last.at).as_micros() as f64;
            samples.insert(vmid, Sample { init, at, used, cpus });
            cpus
        }
        None => {
            samples.insert(vmid, Sample { init, at, used, cpus: 0.0 });
            0.0
        }
    }
}

/// Bytes to and from a guest over all its NICs.
pub fn traffic(node: &Node, vmid: Vmid) -> (u64, u64) {
    let text = fs::read_to_string("/proc/net/dev").unwrap_or_default();
    let links = text.lines().filter_map(|line| line.split_once(':'));
    let own = links.filter(|(name, _)| is_host_side(node, vmid, name.trim()));
    own.fold((0, 0), |(to, from), (_, counts)| {
        let counts: Vec<u64> = counts.split_ascii_whitespace().map(number).collect();
        let at = |index: usize| counts.get(index).copied().unwrap_or_default();
        // What the host's side sends the guest receives.
        (to + at(8), from + at(0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_groups_files_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| fs::write(dir.path().join(file), text).unwrap();
        write("memory.current", "1000\n");
        write("memory.stat", "anon 1\ninactive_file 300\n");
        write("cpu.pressure", "some avg10=1.50 avg60=0.00 avg300=0.00 total=3\nfull avg10=0.00 avg60=0.00\n");
        assert_eq!(memory(dir.path()), 700);
        let waited = pressure(dir.path());
        assert_eq!((waited.cpu_some.as_deref(), waited.cpu_full.as_deref()), (Some("1.50"), Some("0.00")));
        assert_eq!(waited.io_some, None);
        assert_eq!(disk_traffic("8:0 rbytes=5 wbytes=7 rios=1\n7:1 rbytes=1 wbytes=1\n"), (6, 8));
    }

    #[test]
    fn cpu_time_counts_between_looks() {
        let vmid: Vmid = "4242".parse().unwrap();
        for used in [5_000_000, 9_000_000] {
            assert!(cpus_since(vmid, 1, used).abs() < f64::EPSILON, "nothing within a second");
        }
    }

    #[test]
    fn without_a_controller_processes_are_summed_up() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("init.scope")).unwrap();
        fs::write(dir.path().join("init.scope/cgroup.procs"), format!("{}\n", std::process::id())).unwrap();
        assert!(memory(dir.path()) > 0);
    }
}
