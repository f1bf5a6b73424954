//! What a build finds on its node.

use std::collections::BTreeMap;
use std::fs;
use std::net::ToSocketAddrs;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use pve_host::process::CommandError;
use pve_host::pvesm::StorageStatus;
use spec::ids::StorageId;
use spec::recipe::{Base, Recipe, Step};

use crate::workshop::Workshop;

/// Where Debian's packages come from, for a bootstrap and for most guests' apt.
const MIRROR: &str = "deb.debian.org";
/// A resolver that says nothing for so long is as good as none.
const RESOLVE_LIMIT: Duration = Duration::from_secs(3);

/// What there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// All storages of the node.
    pub(super) storages: Vec<StorageStatus>,
    /// By content type that the build needs: the storages that take it.
    pub(super) takes: BTreeMap<&'static str, Vec<StorageId>>,
    /// Whether a VMID of the build's range is free.
    pub(super) vmid_is_free: bool,
    /// The machine's memory; none where it does not tell.
    pub(super) memory: Option<Memory>,
    /// Whether the packages' mirror has an address; none where the build needs no packages.
    pub(super) mirror: Option<bool>,
}

/// Memory in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Memory {
    /// All there is.
    pub(super) total: u64,
    /// What can be had without swapping, with everything that already runs.
    pub(super) available: u64,
}

/// The content types that a build needs, each with the storage that must take it.
pub(super) fn contents(recipe: &Recipe) -> Vec<(&'static str, &StorageId)> {
    let (guests, archives) = (&recipe.container.rootfs.storage, &recipe.release.storage);
    let mut contents = vec![("rootdir", guests), ("backup", archives)];
    if matches!(recipe.base, Base::Bootstrap(_)) {
        contents.push(("vztmpl", archives));
    }
    contents
}

/// Looks.
pub(super) fn look(workshop: &Workshop<'_>) -> Result<Found, CommandError> {
    let pvesm = workshop.host.pvesm();
    let mut takes = BTreeMap::new();
    for (content, _) in contents(workshop.recipe) {
        let names = pvesm.with_content(content)?.into_iter().map(|storage| storage.storage);
        takes.insert(content, names.collect());
    }
    let busy: Vec<u32> = workshop.host.pct().list()?.into_iter().map(|guest| guest.vmid.get()).collect();
    Ok(Found {
        storages: pvesm.status()?,
        takes,
        vmid_is_free: workshop.vmids.clone().any(|vmid| !busy.contains(&vmid)),
        memory: fs::read_to_string("/proc/meminfo").ok().and_then(|text| memory(&text)),
        mirror: needs_packages(workshop.recipe).then(|| resolves(MIRROR)),
    })
}

fn needs_packages(recipe: &Recipe) -> bool {
    recipe.steps.iter().any(|step| matches!(step, Step::Apt(_)))
}

/// Reads `/proc/meminfo` (proc(5)): `MemTotal: 16384 kB`.
fn memory(text: &str) -> Option<Memory> {
    let value = |key: &str| {
        let rest = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
        rest.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
    };
    Some(Memory { total: value("MemTotal")?, available: value("MemAvailable")? })
}

/// Whether a name has an address. The question goes on by itself where nobody answers it in time.
fn resolves(name: &'static str) -> bool {
    let (sender, answer) = mpsc::channel();
    thread::spawn(move || {
        let found = (name, 80).to_socket_addrs().is_ok_and(|mut addresses| addresses.next().is_some());
        // Nobody may be waiting any more.
        let _ = sender.send(found);
    });
    answer.recv_timeout(RESOLVE_LIMIT).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_bytes() {
        let text = "MemTotal:       16384 kB\nMemFree:  1 kB\nMemAvailable:    8192 kB\n";
        assert_eq!(memory(text), Some(Memory { total: 16 << 20, available: 8 << 20 }));
        assert_eq!(memory("MemTotal: x kB\n"), None);
    }
}
