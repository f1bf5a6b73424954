//! Freezing a guest into files, and thawing it. LXC leaves both to CRIU.

use std::path::PathBuf;

use spec::ids::Vmid;

use crate::containers::lxc;
use crate::error::Die;
use crate::ops::Op;

pub(super) fn suspend(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    let _lock = op.lock(vmid)?;
    op.unlocked(vmid, &[])?;
    checkpoint(op, vmid, &["-s"])
}

/// As on Proxmox, neither the lock nor the configuration is looked at.
pub(super) fn resume(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    checkpoint(op, vmid, &["-r", "--foreground"])
}

fn checkpoint(op: &Op<'_>, vmid: Vmid, how: &[&str]) -> Result<(), Die> {
    let directory = images(op)?;
    let program = lxc::lxc(&op.node.layout, "lxc-checkpoint", vmid).args(how).arg("-D").arg(&directory);
    program.run(&|line| op.line(line)).map_err(|error| match error {
        // The path of LXC's directory is this node's own affair.
        Die::Command { how: end, .. } => {
            let command = format!("lxc-checkpoint -n {vmid} {} -D {}", how.join(" "), directory.display());
            Die::Command { command, how: end }
        }
        other => other,
    })
}

/// Where the first storage keeps its backups.
fn images(op: &Op<'_>) -> Result<PathBuf, Die> {
    let storages = op.node.storages();
    Ok(storages.path(&storages.get("local")?).join("dump"))
}
