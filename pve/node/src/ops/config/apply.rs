//! A change, from the lock to the file.

use std::collections::BTreeMap;

use spec::ids::Vmid;

use super::{Change, ConfigError, Draft, enter, running, stopped};
use crate::api::ApiError;
use crate::containers::{lxc, nic};
use crate::error::Die;
use crate::state::{GuestFile, Node, locks};

/// What of a guest somebody wants to touch.
#[derive(Debug, Clone, Copy)]
pub enum Touched<'a> {
    /// Keys that are to be removed, or whose waiting change is given up.
    Removed(&'a [String]),
    /// Keys that get a value.
    Set(&'a BTreeMap<String, String>),
}

/// Whether somebody may touch that of a guest.
pub type May<'a> = &'a dyn Fn(&GuestFile, Touched<'_>) -> Result<(), ApiError>;

/// Carries a change out under the guest's lock. What fails in part changes nothing.
pub fn apply(node: &Node, vmid: Vmid, change: &Change, may: May<'_>) -> Result<(), ConfigError> {
    let _lock = locks::acquire(&node.layout.lock(vmid), locks::PATIENCE, &|_| ())?;
    let guest = node.guests().read(vmid)?;
    guest.refuse_locked(&[])?;
    guest.refuse_modified(change.digest.as_deref())?;
    let may = |touched| may(&guest, touched).map_err(ConfigError::Forbidden);
    may(Touched::Removed(&change.delete))?;
    may(Touched::Removed(&change.revert))?;
    change.refuse_contradictions()?;
    may(Touched::Set(&change.set))?;
    let mut draft = Draft::of(&guest.conf).by_hand(change.by_hand);
    enter::enter(node, vmid, &mut draft, change)?;
    let errors = if lxc::is_running(&node.layout, vmid) {
        running::settle(node, vmid, &mut draft, change)?
    } else {
        stopped::settle(node, vmid, &mut draft, Some(change))
    };
    if !errors.is_empty() {
        return Err(ConfigError::Keys(errors));
    }
    node.guests().write(vmid, &draft.finish()?)?;
    refuse_unstartable(&draft)?;
    Ok(())
}

/// Proxmox makes LXC's configuration anew after every change, and that fails when a NIC's bridge is not there: the
/// change is kept, the call is refused.
fn refuse_unstartable(draft: &Draft) -> Result<(), Die> {
    let conf = draft.now();
    if conf.flag("template") {
        return Ok(());
    }
    let nets = conf.nets().map_err(|error| Die::text(error.pve_text()))?;
    nets.iter().try_for_each(|(index, net)| nic::refuse_unfit_mtu(&format!("net{index}"), net))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::NodeConfig;
    use spec::pct::PctConf;

    fn node(conf: &str) -> (tempfile::TempDir, Node, Vmid) {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let vmid: Vmid = "9101".parse().unwrap();
        node.guests().write(vmid, &PctConf::parse(conf)).unwrap();
        (dir, node, vmid)
    }

    fn change(set: &[(&str, &str)], delete: &[&str]) -> Change {
        let set = set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let delete = delete.iter().map(|key| (*key).to_owned()).collect();
        Change { set, delete, ..Change::default() }
    }

    fn put(node: &Node, vmid: Vmid, change: &Change) -> Result<String, String> {
        let done = apply(node, vmid, change, &|_, _| Ok(()));
        done.map(|()| std::fs::read_to_string(node.layout.conf(vmid)).unwrap()).map_err(|error| match error {
            ConfigError::Keys(errors) => format!("{errors:?}"),
            other => other.to_string(),
        })
    }

    #[test]
    fn a_nic_without_address_gets_another_at_every_change() {
        let (_dir, node, vmid) = node("memory: 512\n");
        // The loopback stands for a bridge: it is there on every machine.
        let nic = change(&[("net0", "name=eth0,bridge=lo,ip=dhcp")], &[]);
        let first = put(&node, vmid, &nic).unwrap();
        let second = put(&node, vmid, &nic).unwrap();
        assert!(
            first.contains("hwaddr=BC:24:11:") && first.contains("type=veth") && first != second,
            "{first}{second}"
        );
        let kept = change(&[("net0", "name=eth0,bridge=lo,hwaddr=bc:24:11:de:ad:01")], &[]);
        assert_eq!(put(&node, vmid, &kept).unwrap(), put(&node, vmid, &kept).unwrap());
    }

    #[test]
    fn a_missing_bridge_is_kept_and_refused_from_then_on() {
        let (_dir, node, vmid) = node("memory: 512\n");
        let refused = Err("bridge 'nosuch0' does not exist".to_owned());
        assert_eq!(put(&node, vmid, &change(&[("net0", "name=eth0,bridge=nosuch0")], &[])), refused);
        assert_eq!(put(&node, vmid, &change(&[("memory", "64")], &[])), refused);
        let kept = std::fs::read_to_string(node.layout.conf(vmid)).unwrap();
        assert!(kept.contains("bridge=nosuch0") && kept.contains("memory: 64"), "{kept}");
    }

    #[test]
    fn refusals_are_proxmox_texts() {
        let (_dir, node, vmid) = node("memory: 512\nmp0: local:9101/vm-9101-disk-1.raw,mp=/m\nunprivileged: 1\n");
        let refused = |change: &Change| put(&node, vmid, change).unwrap_err();
        assert_eq!(refused(&change(&[], &["memory", "swap"])), "unable to delete required option 'memory'");
        assert_eq!(refused(&change(&[], &["unprivileged"])), "unable to delete read-only option: 'unprivileged'");
        let privilege = "unable to modify read-only option: 'unprivileged'";
        assert_eq!(refused(&change(&[("unprivileged", "1")], &[])), privilege);
        let stale = Change { digest: Some("0".repeat(40)), ..change(&[("memory", "64")], &[]) };
        assert_eq!(refused(&stale), "detected modified configuration - file changed by other user? Try again.");
        let unknown = change(&[("mp1", "nosuch:1,mp=/x")], &[]);
        assert_eq!(refused(&unknown), "storage 'nosuch' does not exist");
        put(&node, vmid, &change(&[("protection", "1")], &[])).unwrap();
        let drive = "can't remove CT 9101 drive 'mp0' - protection mode enabled";
        assert_eq!(refused(&change(&[], &["mp0"])), drive);
        node.guests().write(vmid, &PctConf::parse("lock: backup\n")).unwrap();
        assert_eq!(refused(&change(&[("memory", "64")], &[])), "CT is locked (backup)");
    }

    #[test]
    fn keys_come_and_go() {
        let (_dir, node, vmid) = node("mp0: local:9101/vm-9101-disk-1.raw,mp=/data,size=1G\nhostname: acme\n");
        let text = put(&node, vmid, &change(&[("description", "a\nb"), ("tags", "B;a")], &["mp0", "net7"])).unwrap();
        assert_eq!(text, "#a\n#b\nhostname: acme\ntags: a;b\nunused0: local:9101/vm-9101-disk-1.raw\n");
        let text = put(&node, vmid, &change(&[("description", ""), ("features", "")], &["tags"])).unwrap();
        assert_eq!(text, "features: \nhostname: acme\nunused0: local:9101/vm-9101-disk-1.raw\n");
    }

    #[test]
    fn a_change_may_be_given_up() {
        let (_dir, node, vmid) = node("hostname: acme\n\n[pve:pending]\ndelete: tty\nfeatures: nesting=1\n");
        let revert = Change { revert: vec!["features".to_owned(), "tty".to_owned()], ..Change::default() };
        assert_eq!(put(&node, vmid, &revert).unwrap(), "hostname: acme\n");
    }
}
