//! Before the task: may the guest be made at all? Then its number is taken.

use std::collections::BTreeMap;

use spec::ids::StorageId;
use spec::pct::{MountPoint, MountSource, PctConf};

use super::{NewGuestRequest, merge, plan};
use crate::containers::lxc;
use crate::error::Die;
use crate::exec::Program;
use crate::state::{Node, locks};

/// Why a guest is not made, before anything was begun.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// A parameter asks for what cannot be.
    #[error("{name}: {why}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Why not.
        why: String,
    },
    /// Anything else.
    #[error(transparent)]
    Died(#[from] Die),
}

/// Looks at what needs no privilege: is the number free, or its guest one that may be replaced? Are the keys keys?
pub fn look(node: &Node, request: &NewGuestRequest) -> Result<(), Die> {
    let vmid = request.vmid;
    if replaces(node, request) {
        if lxc::is_running(&node.layout, vmid) {
            return Err(Die::text("can't overwrite running container"));
        }
        if node.guests().read(vmid)?.conf.flag("protection") {
            return Err(request.aborted(Die::text("protection mode enabled")));
        }
    } else {
        node.guests().refuse_taken(vmid)?;
    }
    request.ssh_keys.as_deref().map_or(Ok(()), check_keys)
}

/// ssh-keygen(1) decides what a public key is.
fn check_keys(keys: &str) -> Result<(), Die> {
    let read = Program::new("ssh-keygen").args(["-l", "-f", "-"]).read_with(keys);
    read.map(drop).map_err(|_| Die::text("SSH public key validation error"))
}

/// The storages that volumes are to be made on; all of them are there and take guests' disks.
pub fn target_storages(node: &Node, request: &NewGuestRequest) -> Result<Vec<StorageId>, Refusal> {
    let mut names: Vec<String> = Vec::new();
    let mounts = plan::mount_params(&request.config, &request.storage)?;
    for (_, mount) in mounts.as_deref().unwrap_or_default() {
        names.extend(storage_of(mount)?);
    }
    if mounts.is_none() {
        names.push(request.storage.clone());
    }
    names.dedup();
    names.iter().map(|name| usable(node, name)).collect()
}

fn storage_of(mount: &MountPoint) -> Result<Option<String>, Die> {
    if mount.source() != MountSource::Volume {
        return Ok(None);
    }
    let text = mount.volume();
    let parsed = text.split_once(':').filter(|(_, volume)| !volume.is_empty());
    parsed
        .map(|(storage, _)| Some(storage.to_owned()))
        .ok_or_else(|| Die::text(format!("unable to parse volume ID '{text}'")))
}

fn usable(node: &Node, name: &str) -> Result<StorageId, Refusal> {
    let storage = node.storages().usable(name)?;
    if !storage.holds("rootdir") {
        let why = format!("storage '{name}' does not support container directories");
        return Err(Refusal::Parameter { name: "storage", why });
    }
    Ok(storage.id)
}

/// Takes the number: the configuration is then exactly `lock: create`, or the replaced guest's with that lock.
pub fn admit(node: &Node, request: &NewGuestRequest) -> Result<(), Die> {
    check_values(&request.config)?;
    reserve(node, request).map_err(|error| request.aborted(error))
}

/// What cannot be written into a configuration is refused before it is begun.
fn check_values(config: &BTreeMap<String, String>) -> Result<(), Die> {
    let mut scratch = PctConf::parse("");
    config
        .iter()
        .filter(|(key, _)| !merge::is_mount(key))
        .try_for_each(|(key, value)| merge::set(&mut scratch, key, value))
}

/// Whether a guest of this node gives way to the new one.
fn replaces(node: &Node, request: &NewGuestRequest) -> bool {
    request.restore && request.force && node.guests().exists(request.vmid)
}

fn reserve(node: &Node, request: &NewGuestRequest) -> Result<(), Die> {
    let vmid = request.vmid;
    let _lock = locks::acquire(&node.layout.lock(vmid), locks::CREATE_PATIENCE, &|_| ())?;
    let mut conf = PctConf::parse("");
    if replaces(node, request) {
        let guest = node.guests().read(vmid)?;
        guest.refuse_locked(&[])?;
        conf = guest.conf;
    } else {
        node.guests().refuse_taken(vmid)?;
    }
    conf.set("lock", "create").map_err(|error| Die::text(error.to_string()))?;
    node.guests().write(vmid, &conf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::NodeConfig;

    fn request(pairs: &[(&str, &str)]) -> NewGuestRequest {
        let archive = "local:backup/vzdump-lxc-9000-x.tar".to_owned();
        let config = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        NewGuestRequest { config, ..NewGuestRequest::new("9101".parse().unwrap(), archive, true) }
    }

    fn node() -> (tempfile::TempDir, Node) {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        (dir, node)
    }

    #[test]
    fn a_number_is_taken_once() {
        let (_dir, node) = node();
        let asked = request(&[]);
        look(&node, &asked).unwrap();
        admit(&node, &asked).unwrap();
        assert_eq!(std::fs::read_to_string(node.layout.conf(asked.vmid)).unwrap(), "lock: create\n");
        assert_eq!(look(&node, &asked).unwrap_err().to_string(), "CT 9101 already exists on node 'pve'");
        let forced = NewGuestRequest { force: true, ..asked };
        look(&node, &forced).unwrap();
        assert_eq!(admit(&node, &forced).unwrap_err().to_string(), "unable to restore CT 9101 - CT is locked (create)");
    }

    #[test]
    fn a_guest_that_is_replaced_keeps_its_configuration_until_then() {
        let (_dir, node) = node();
        let forced = NewGuestRequest { force: true, ..request(&[]) };
        node.guests().write(forced.vmid, &PctConf::parse("hostname: acme\nprotection: 1\n")).unwrap();
        assert_eq!(
            look(&node, &forced).unwrap_err().to_string(),
            "unable to restore CT 9101 - protection mode enabled"
        );
        node.guests().write(forced.vmid, &PctConf::parse("hostname: acme\n")).unwrap();
        look(&node, &forced).unwrap();
        admit(&node, &forced).unwrap();
        assert_eq!(node.guests().read(forced.vmid).unwrap().conf.canonical(), "hostname: acme\nlock: create\n");
    }

    #[test]
    fn storages_are_looked_at_first() {
        let (_dir, node) = node();
        let refused = |pairs| target_storages(&node, &request(pairs)).unwrap_err().to_string();
        assert_eq!(refused(&[("rootfs", "nosuch:1")]), "storage 'nosuch' does not exist");
        assert_eq!(refused(&[("mp0", "local:1,mp=/x")]), "mount points configured, but 'rootfs' not set - aborting");
        assert_eq!(refused(&[("rootfs", "x")]), "unable to parse volume ID 'x'");
        let found = target_storages(&node, &request(&[("rootfs", "1"), ("mp0", "local:1,mp=/x")])).unwrap();
        assert_eq!(found.iter().map(StorageId::as_str).collect::<Vec<_>>(), ["local"]);
        assert_eq!(target_storages(&node, &request(&[])).unwrap().len(), 1);
    }

    #[test]
    fn keys_are_checked() {
        let (_dir, node) = node();
        let bad = NewGuestRequest { ssh_keys: Some("not a key".to_owned()), ..request(&[]) };
        assert_eq!(look(&node, &bad).unwrap_err().to_string(), "SSH public key validation error");
    }
}
