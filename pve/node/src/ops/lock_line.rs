//! The `lock:` line of a configuration: work on a guest that outlasts the moment in which its lock file is held.

use spec::ids::Vmid;
use spec::pct::PctConf;

use crate::error::Die;
use crate::state::{GuestFile, Node, locks};

/// Changes a guest's configuration alone among all processes.
pub(super) fn change<T>(
    node: &Node,
    vmid: Vmid,
    line: &dyn Fn(&str),
    work: impl FnOnce(&GuestFile, &mut PctConf) -> Result<T, Die>,
) -> Result<T, Die> {
    let _held = locks::acquire(&node.layout.lock(vmid), locks::PATIENCE, line)?;
    let guest = node.guests().read(vmid)?;
    let mut conf = guest.conf.clone();
    let done = work(&guest, &mut conf)?;
    node.guests().write(vmid, &conf)?;
    Ok(done)
}

/// Sets the line where there is none; returns the guest as it was before.
pub(super) fn set(node: &Node, vmid: Vmid, word: &str, line: &dyn Fn(&str)) -> Result<GuestFile, Die> {
    change(node, vmid, line, |guest, conf| {
        guest.refuse_locked(&[])?;
        write(conf, word)?;
        Ok(guest.clone())
    })
}

/// Takes the line away again.
pub(super) fn remove(node: &Node, vmid: Vmid, word: &str, line: &dyn Fn(&str)) -> Result<(), Die> {
    change(node, vmid, line, |_, conf| match conf.get("lock") {
        None => Err(Die::text(format!("no lock found trying to remove '{word}'  lock"))),
        Some(other) if other != word => Err(Die::text(format!("found lock '{other}' trying to remove '{word}' lock"))),
        Some(_) => {
            conf.remove("lock");
            Ok(())
        }
    })
}

/// The line as part of a larger change.
pub(super) fn write(conf: &mut PctConf, word: &str) -> Result<(), Die> {
    conf.set("lock", word).map_err(|error| Die::text(error.to_string()))
}
