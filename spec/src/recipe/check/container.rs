//! `[container]`: features, sizes and interfaces.

use std::collections::BTreeMap;

use super::required;
use crate::pct::{DiskSize, Features, Net};
use crate::recipe::accepted::{Container, RootFs};
use crate::recipe::fragment::{ContainerFragment, RootFsFragment};
use crate::recipe::keys::Problems;

/// What Proxmox gives a container that asks for nothing.
const DEFAULT_MEMORY: DiskSize = DiskSize::from_bytes(512 * DiskSize::MIB);
/// The least that Proxmox accepts.
const LEAST_MEMORY: DiskSize = DiskSize::from_bytes(16 * DiskSize::MIB);
/// The most that Proxmox accepts.
const MOST_CORES: i64 = 8192;

pub(super) fn container(fragment: ContainerFragment, problems: &mut Problems) -> Option<Container> {
    if fragment.unprivileged == Some(false) {
        problems.add(
            "container.unprivileged",
            "false: a golden's root would be the node's root; leave it out or write true",
        );
    }
    let features = features(fragment.features.unwrap_or_default(), problems);
    let cores = fragment.cores.and_then(|cores| cores_in_range(cores, problems));
    let memory = fragment.memory.map_or(Some(DEFAULT_MEMORY), |text| problems.accept("container.memory", text.parse()));
    if let Some(memory) = memory.filter(|memory| *memory < LEAST_MEMORY) {
        problems.add("container.memory", format!("{memory} is less than the 16M that Proxmox asks for"));
    }
    let rootfs = rootfs(fragment.rootfs, problems);
    let nets = nets(fragment.nets, problems);
    Some(Container { features, cores, memory: memory?, rootfs: rootfs?, nets })
}

fn features(names: Vec<String>, problems: &mut Problems) -> Features {
    let mut features = Features::default();
    for name in names {
        let (key, value) = name.split_once('=').unwrap_or((&name, "1"));
        if features.set(key, value).is_err() {
            let known = "nesting, keyctl, fuse, mknod, force_rw_sys, or mount=TYPE;TYPE";
            problems.add("container.features", format!("{name:?} is no feature of a container; known: {known}"));
        }
    }
    features
}

fn cores_in_range(cores: i64, problems: &mut Problems) -> Option<u16> {
    let in_range = u16::try_from(cores).ok().filter(|_| (1..=MOST_CORES).contains(&cores));
    if in_range.is_none() {
        problems.add("container.cores", format!("{cores} is not between 1 and {MOST_CORES}"));
    }
    in_range
}

fn rootfs(fragment: Option<RootFsFragment>, problems: &mut Problems) -> Option<RootFs> {
    let fragment = required(fragment, "container.rootfs", "rootfs = { storage = \"local\", size = \"8G\" }", problems)?;
    let storage = required(fragment.storage, "container.rootfs.storage", "storage = \"local\"", problems);
    let size = required(fragment.size, "container.rootfs.size", "size = \"8G\"", problems);
    let storage = storage.and_then(|text| problems.accept("container.rootfs.storage", text.parse()));
    let size: DiskSize = problems.accept("container.rootfs.size", size?.parse())?;
    if size.bytes() == 0 || !size.bytes().is_multiple_of(DiskSize::GIB) {
        problems.add(
            "container.rootfs.size",
            format!("{size} is no whole number of GiB, which is how Proxmox creates volumes"),
        );
    }
    Some(RootFs { storage: storage?, size })
}

fn nets(fragments: BTreeMap<String, BTreeMap<String, String>>, problems: &mut Problems) -> BTreeMap<u8, Net> {
    let mut nets = BTreeMap::new();
    for (key, values) in fragments {
        let path = format!("container.{key}");
        match key
            .trim_start_matches("net")
            .parse::<u8>()
            .ok()
            .filter(|index| *index < 32 && format!("net{index}") == key)
        {
            Some(index) => {
                nets.extend(net(&path, index, values, problems).map(|net| (index, net)));
            }
            None => problems.add(path, "unknown key; interfaces are net0 to net31"),
        }
    }
    nets
}

fn net(path: &str, index: u8, mut values: BTreeMap<String, String>, problems: &mut Problems) -> Option<Net> {
    let name = values.remove("name").unwrap_or_else(|| format!("eth{index}"));
    let mut net = problems.accept(&format!("{path}.name"), Net::new(&name))?;
    for (key, value) in values {
        let path = format!("{path}.{key}");
        match key.as_str() {
            "hwaddr" => {
                problems.add(path, "a golden has no address of its own: every guest gets another; leave it out");
            }
            "ip" | "ip6" | "gw" | "gw6" if !matches!(value.as_str(), "dhcp" | "auto" | "manual") => {
                problems.add(path, format!("{value:?} would be the address of every guest; write \"dhcp\" and give fixed addresses when provisioning"));
            }
            _ => {
                problems.accept(&path, net.set(&key, &value));
            }
        }
    }
    if net.bridge().is_none() {
        problems.add(format!("{path}.bridge"), "missing; write for instance bridge = \"vmbr0\"");
    }
    Some(net)
}
