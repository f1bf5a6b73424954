//! Before the task: may it be, and what is to be done?

use spec::ids::{StorageId, Vmid};
use spec::pct::{MountPoint, MountSource, PctConf, Section};

use super::conf::of_copy;
use super::{CloneJob, CloneRequest, ClonedDisk, Need};
use crate::containers::lxc;
use crate::error::Die;
use crate::ops::{lock_line, snapshot};
use crate::state::{DiskFeature, Node, locks};

/// Locks both guests, looks whether the one may be copied, and writes the other's configuration. `may` refuses what
/// the caller may not use. Whatever was locked is let go when something refuses.
pub fn admit<E: From<Die>>(
    node: &Node,
    request: &CloneRequest,
    may: &dyn Fn(Need<'_>) -> Result<(), E>,
) -> Result<CloneJob, E> {
    let storages = node.storages();
    if let Some(storage) = &request.storage {
        storages.usable(storage)?;
    }
    let target = other_node(node, request.target.as_deref())?;
    if let (Some(storage), Some(_)) = (&request.storage, &target)
        && storages.get(storage)?.flag("shared") != Some(true)
    {
        return Err(Die::text(format!("can't clone to non-shared storage '{storage}'")).into());
    }
    let original = lock_line::set(node, request.vmid, "disk", &|_| ())?;
    let reserved = reserve(node, request.newid);
    let admitted = reserved.map_err(E::from).and_then(|()| {
        let looked = Look { node, request, target, may }.at(&original.conf);
        looked.inspect_err(|_| forget(node, request.newid))
    });
    admitted.inspect_err(|_| {
        // Nobody else takes this line away.
        let _ = lock_line::remove(node, request.vmid, "disk", &|_| ());
    })
}

fn other_node(node: &Node, target: Option<&str>) -> Result<Option<String>, Die> {
    let Some(target) = target.filter(|target| *target != node.name() && *target != "localhost") else {
        return Ok(None);
    };
    let cluster = node.cluster().map_err(|error| Die::text(error.to_string()))?;
    let known = cluster.iter().any(|other| other.name() == target);
    if known { Ok(Some(target.to_owned())) } else { Err(Die::text(format!("no such cluster node '{target}'"))) }
}

fn reserve(node: &Node, newid: Vmid) -> Result<(), Die> {
    let _held = locks::acquire(&node.layout.lock(newid), locks::CREATE_PATIENCE, &|_| ())?;
    node.guests().refuse_taken(newid)?;
    node.guests().write(newid, &PctConf::parse("lock: create\n"))
}

fn forget(node: &Node, newid: Vmid) {
    let _ = node.guests().remove(newid);
    let _ = std::fs::remove_file(node.layout.firewall(newid));
}

struct Look<'a, E> {
    node: &'a Node,
    request: &'a CloneRequest,
    target: Option<String>,
    may: &'a dyn Fn(Need<'_>) -> Result<(), E>,
}

impl<E: From<Die>> Look<'_, E> {
    fn at(self, original: &PctConf) -> Result<CloneJob, E> {
        let request = self.request;
        let running = lxc::is_running(&self.node.layout, request.vmid);
        let full = request.full.unwrap_or(!original.flag("template"));
        if request.storage.is_some() && !full {
            return Err(Die::text("parameter 'storage' not allowed for linked clones").into());
        }
        let section = snapshot::section(original, request.snapname.as_deref())?;
        let disks = self.disks(section, full, running)?;
        let conf = of_copy(section, request)?;
        self.node.guests().write(request.newid, &conf)?;
        self.copy_firewall()?;
        Ok(CloneJob {
            vmid: request.vmid,
            newid: request.newid,
            snapname: request.snapname.clone(),
            storage: request.storage.clone(),
            target: self.target,
            pool: request.pool.clone(),
            bwlimit: request.bwlimit.clone(),
            running,
            disks,
        })
    }

    /// Key by key in the order of names, as the first refusal is the answer.
    fn disks(&self, section: &Section, full: bool, running: bool) -> Result<Vec<ClonedDisk>, E> {
        let mounts: Vec<(String, MountPoint)> = snapshot::mounts(section)?;
        let mut disks = Vec::new();
        let mut shared = true;
        for (key, value) in section.entries() {
            if let Some((_, mount)) = mounts.iter().find(|(other, _)| other == key) {
                shared &= self.disk(key, mount, full, running)?;
                disks.push(ClonedDisk { key: key.to_owned(), mount: value.to_owned(), full });
            } else if key.strip_prefix("net").is_some_and(|index| index.bytes().all(|b| b.is_ascii_digit())) {
                (self.may)(Need::Net(value))?;
            }
        }
        match &self.target {
            Some(target) if !shared => {
                Err(Die::text(format!("can't clone CT to node '{target}' (CT uses local storage)")).into())
            }
            _ => Ok(disks),
        }
    }

    /// Looks at one disk; whether its copy would lie on a shared storage.
    fn disk(&self, key: &str, mount: &MountPoint, full: bool, running: bool) -> Result<bool, E> {
        let kind = match mount.source() {
            MountSource::Volume => None,
            MountSource::Bind => Some("bind"),
            MountSource::Device => Some("device"),
        };
        if let Some(kind) = kind {
            return Err(Die::text(format!("unable to clone mountpoint '{key}' (type {kind})")).into());
        }
        let unable = || Die::text(format!("unable to parse volume ID '{}'", mount.volume()));
        let volid = mount.volid().ok_or_else(unable)?;
        let storage: &str = self.request.storage.as_deref().unwrap_or(StorageId::as_str(&volid.storage));
        let shared = self.node.storages().get(storage)?.flag("shared") == Some(true);
        (self.may)(Need::Storage(storage))?;
        let snapshot = self.request.snapname.is_some();
        if full && running && !snapshot {
            return Err(Die::text("Full clone of a running container is only possible from a snapshot").into());
        }
        if !full && !self.node.storages().file(&volid)?.offers(DiskFeature::Clone, snapshot) {
            return Err(Die::text(format!("Linked clone feature for '{volid}' is not available")).into());
        }
        Ok(shared)
    }

    fn copy_firewall(&self) -> Result<(), Die> {
        match std::fs::read_to_string(self.node.layout.firewall(self.request.vmid)) {
            Ok(rules) => self.node.guests().write_firewall(self.request.newid, &rules),
            Err(_) => Ok(()),
        }
    }
}
