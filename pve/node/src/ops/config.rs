//! Changing a guest's configuration: at once while it is stopped, partly pending while it runs.

use std::collections::{BTreeMap, BTreeSet};

use spec::ids::Vmid;
use spec::pct::{MountPoint, Net, PctConf, SectionName};

use pve_wire::api::is_config_key;

use super::new_guest::set;
use crate::containers::{image, lxc, nic};
use crate::error::Die;
use crate::state::{GuestFile, Node, locks};

/// What is to be changed.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Keys with their new values.
    pub set: BTreeMap<String, String>,
    /// Keys to remove.
    pub delete: BTreeSet<String>,
    /// The configuration's digest, as the caller knows it.
    pub digest: Option<String>,
}

/// Keys whose change needs nothing from a running guest.
const FAST: &[&str] = &[
    "description",
    "onboot",
    "startup",
    "protection",
    "hostname",
    "hookscript",
    "cores",
    "tags",
    "lock",
    "memory",
    "swap",
    "cpulimit",
    "cpuunits",
];

impl Change {
    /// Refuses what can never be done.
    pub fn refuse_impossible(&self, guest: &GuestFile) -> Result<(), Die> {
        for key in &self.delete {
            if ["memory", "rootfs", "ostype"].contains(&key.as_str()) {
                return Err(Die::text(format!("unable to delete required option '{key}'")));
            }
            if key == "unprivileged" {
                return Err(Die::text(format!("unable to delete read-only option: '{key}'")));
            }
        }
        let wanted = self.set.get("unprivileged").map(String::as_str);
        if wanted.is_some_and(|value| (value == "1") != guest.unprivileged()) {
            return Err(Die::text("unable to modify read-only option: 'unprivileged'"));
        }
        Ok(())
    }

    /// The name of a key in `delete` that is none.
    pub fn unknown_deletion(&self) -> Option<&str> {
        self.delete.iter().map(String::as_str).find(|key| !is_config_key(key))
    }

    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.delete.is_empty()
    }
}

/// Carries a change out under the guest's lock.
pub fn apply(node: &Node, vmid: Vmid, change: &Change) -> Result<(), Die> {
    let _lock = locks::acquire(&node.layout.lock(vmid), locks::PATIENCE, &|_| ())?;
    let guest = node.guests().read(vmid)?;
    guest.refuse_modified(change.digest.as_deref())?;
    guest.refuse_locked(&[])?;
    change.refuse_impossible(&guest)?;
    let mut conf = guest.conf.clone();
    let init = lxc::init_pid(&node.layout, vmid).filter(|_| lxc::is_running(&node.layout, vmid));
    for key in &change.delete {
        delete(node, &mut conf, key, init, vmid)?;
    }
    for (key, value) in &change.set {
        let value = with_volume(node, vmid, &conf, key, value)?;
        match init {
            Some(init) if !FAST.contains(&key.as_str()) => set_running(node, &mut conf, key, &value, (vmid, init))?,
            _ => set(&mut conf, key, &value)?,
        }
    }
    node.guests().write(vmid, &conf)
}

fn delete(node: &Node, conf: &mut PctConf, key: &str, init: Option<u32>, vmid: Vmid) -> Result<(), Die> {
    let old = conf.get(key).map(str::to_owned);
    if let Some(index) = index_of("net", key) {
        nic::unplug(node, vmid, index);
    } else if init.is_some() && !FAST.contains(&key) && old.is_some() {
        return postpone(conf, |pending| {
            let listed = pending.get("delete").map_or_else(|| key.to_owned(), |more| format!("{more},{key}"));
            pending.set("delete", &listed).map_err(|error| Die::text(error.to_string()))
        });
    }
    if index_of("mp", key).is_some()
        && let Some(mount) = old.as_deref().and_then(|text| text.parse::<MountPoint>().ok())
    {
        keep_unused(conf, &mount)?;
    }
    if index_of("unused", key).is_some()
        && let Some(volid) = old.and_then(|text| text.parse().ok())
    {
        node.storages().free(&node.storages().file(&volid)?)?;
    }
    if key == "description" {
        conf.set_description("");
    } else {
        conf.remove(key);
    }
    Ok(())
}

fn index_of(family: &str, key: &str) -> Option<u8> {
    key.strip_prefix(family)?.parse().ok()
}

/// A volume that is mounted nowhere any more stays the guest's, under the first free `unusedN`.
fn keep_unused(conf: &mut PctConf, mount: &MountPoint) -> Result<(), Die> {
    let taken: Vec<u8> = conf.current().unused().iter().map(|(index, _)| *index).collect();
    let free = (0..=u8::MAX).find(|index| !taken.contains(index)).unwrap_or(u8::MAX);
    set(conf, &format!("unused{free}"), mount.volume())
}

/// `mpN: STORAGE:SIZE` makes the volume first; a volume that another mount point replaces becomes unused.
fn with_volume(node: &Node, vmid: Vmid, conf: &PctConf, key: &str, value: &str) -> Result<String, Die> {
    if index_of("mp", key).is_none() {
        return Ok(value.to_owned());
    }
    let one = BTreeMap::from([("rootfs".to_owned(), "local:1".to_owned()), (key.to_owned(), value.to_owned())]);
    let Ok(Some(plan)) = super::new_guest::from_params(&one, "local") else { return Ok(value.to_owned()) };
    let Some(mut planned) = plan.into_iter().find(|planned| planned.key == key) else { return Ok(value.to_owned()) };
    let Some((storage, size)) = &planned.volume else { return Ok(value.to_owned()) };
    let file = node.storages().next_disk(&node.storages().usable(storage.as_str())?, vmid)?;
    image::make_quietly(&file, size.bytes(), conf.flag("unprivileged"))?;
    planned.mount.set_volume(&file.volid.to_string()).map_err(|error| Die::text(error.pve_text()))?;
    planned.mount.set_size(*size);
    Ok(planned.mount.to_string())
}

/// What a running guest takes at once, and what waits.
fn set_running(node: &Node, conf: &mut PctConf, key: &str, value: &str, running: (Vmid, u32)) -> Result<(), Die> {
    let (vmid, init) = running;
    let Some(index) = index_of("net", key) else {
        return postpone(conf, |pending| pending.set(key, value).map_err(|error| Die::text(error.to_string())));
    };
    let before: Option<Net> = conf.get(key).and_then(|text| text.parse().ok());
    set(conf, key, value)?;
    let after: Option<Net> = conf.get(key).and_then(|text| text.parse().ok());
    match (before, after) {
        (Some(before), Some(after)) if same_card(&before, &after) => nic::plug(node, vmid, index, &after),
        (_, Some(after)) => nic::swap(node, vmid, index, &after, init),
        (_, None) => Ok(()),
    }
}

/// Whether two NICs differ in nothing that the guest's kernel would see.
fn same_card(a: &Net, b: &Net) -> bool {
    a.name() == b.name() && a.hwaddr() == b.hwaddr() && a.mtu() == b.mtu()
}

fn postpone(conf: &mut PctConf, change: impl FnOnce(&mut spec::pct::Section) -> Result<(), Die>) -> Result<(), Die> {
    change(conf.section_mut(&SectionName::Pending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::NodeConfig;

    fn node(conf: &str) -> (tempfile::TempDir, Node, Vmid) {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let vmid: Vmid = "9101".parse().unwrap();
        node.guests().write(vmid, &PctConf::parse(conf)).unwrap();
        (dir, node, vmid)
    }

    fn change(set: &[(&str, &str)], delete: &[&str]) -> Change {
        let set = set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Change { set, delete: delete.iter().map(|k| (*k).to_owned()).collect(), digest: None }
    }

    #[test]
    fn a_nic_without_address_gets_another_at_every_change() {
        let (_dir, node, vmid) = node("memory: 512\n");
        let put = || {
            apply(&node, vmid, &change(&[("net0", "name=eth0,bridge=vmbr0,ip=dhcp")], &[])).unwrap();
            node.guests().read(vmid).unwrap().conf.nets().unwrap()[0].1.hwaddr().unwrap()
        };
        assert_ne!(put(), put());
    }

    #[test]
    fn refusals_are_proxmox_texts() {
        let (_dir, node, vmid) = node("memory: 512\nunprivileged: 1\n");
        let refused = |change: &Change| apply(&node, vmid, change).unwrap_err().to_string();
        assert_eq!(refused(&change(&[], &["rootfs"])), "unable to delete required option 'rootfs'");
        assert_eq!(
            refused(&change(&[("unprivileged", "0")], &[])),
            "unable to modify read-only option: 'unprivileged'"
        );
        let stale = Change { digest: Some("0".repeat(40)), ..change(&[("memory", "64")], &[]) };
        assert_eq!(refused(&stale), "detected modified configuration - file changed by other user? Try again.");
        node.guests().write(vmid, &PctConf::parse("lock: backup\n")).unwrap();
        assert_eq!(refused(&change(&[("memory", "64")], &[])), "CT is locked (backup)");
    }

    #[test]
    fn a_deleted_mount_point_becomes_unused() {
        let (_dir, node, vmid) = node("mp0: local:9101/vm-9101-disk-1.raw,mp=/data,size=1G\nhostname: acme\n");
        apply(&node, vmid, &change(&[("description", "a\nb")], &["mp0"])).unwrap();
        let text = std::fs::read_to_string(node.layout.conf(vmid)).unwrap();
        assert_eq!(text, "#a\n#b\nhostname: acme\nunused0: local:9101/vm-9101-disk-1.raw\n");
    }
}
