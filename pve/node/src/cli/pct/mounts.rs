//! A guest's file systems on the host, and the locks that stand for it.

use pve_wire::api::Params;
use spec::ids::Vmid;
use spec::pct::PctConf;

use crate::cli::dispatch::{Failure, out};
use crate::cli::exit;
use crate::containers::mount as guest_mount;
use crate::error::Die;
use crate::state::{GuestFile, Node, locks};

/// The guest that a command is about.
pub(super) fn vmid(params: &Params) -> Result<Vmid, Die> {
    params.vmid("vmid").ok_or_else(|| Die::text("no such guest"))
}

/// Holds the guest's lock file.
pub(super) fn hold(node: &Node, vmid: Vmid) -> Result<locks::Held, Die> {
    locks::acquire(&node.layout.lock(vmid), locks::PATIENCE, &|line| eprintln!("{line}"))
}

/// Writes a lock into the guest's configuration, where none may be yet.
pub(super) fn set_lock(node: &Node, vmid: Vmid, lock: &str) -> Result<GuestFile, Die> {
    let guest = node.guests().read(vmid)?;
    guest.refuse_locked(&[])?;
    let mut conf = guest.conf;
    conf.set("lock", lock).map_err(|error| Die::text(error.to_string()))?;
    node.guests().write(vmid, &conf)?;
    node.guests().read(vmid)
}

/// Takes a lock out of the guest's configuration again.
pub(super) fn remove_lock(node: &Node, vmid: Vmid, lock: Option<&str>) -> Result<(), Die> {
    let mut conf = node.guests().read(vmid)?.conf;
    refuse_other(&conf, lock)?;
    conf.remove("lock");
    node.guests().write(vmid, &conf)
}

fn refuse_other(conf: &PctConf, lock: Option<&str>) -> Result<(), Die> {
    match (conf.get("lock"), lock) {
        (None, None) => Err(Die::text("no lock found trying to remove any lock")),
        // Two blanks: Proxmox's.
        (None, Some(lock)) => Err(Die::text(format!("no lock found trying to remove '{lock}'  lock"))),
        (Some(found), Some(lock)) if found != lock => {
            Err(Die::text(format!("found lock '{found}' trying to remove '{lock}' lock")))
        }
        _ => Ok(()),
    }
}

pub(super) fn mount(node: &Node, params: &Params) -> Result<u8, Failure> {
    let vmid = vmid(params)?;
    let held = hold(node, vmid)?;
    // A running guest's disk mounted twice would not survive it.
    if crate::containers::lxc::is_running(&node.layout, vmid) {
        return Err(Die::text("cannot mount a running container").into());
    }
    let guest = set_lock(node, vmid, "mounted")?;
    let root = guest_mount::mount_guest(node, vmid, &guest, false)?.keep();
    drop(held);
    out(&format!("mounted CT {vmid} in '{}'\n", root.display()));
    Ok(exit::OK)
}

pub(super) fn unmount(node: &Node, params: &Params) -> Result<u8, Failure> {
    let vmid = vmid(params)?;
    let _held = hold(node, vmid)?;
    node.guests().read(vmid)?;
    guest_mount::release_host_mount(&node.layout, vmid)?;
    remove_lock(node, vmid, Some("mounted"))?;
    Ok(exit::OK)
}

pub(super) fn unlock(node: &Node, params: &Params) -> Result<u8, Failure> {
    let vmid = vmid(params)?;
    let _held = hold(node, vmid)?;
    remove_lock(node, vmid, None)?;
    Ok(exit::OK)
}
