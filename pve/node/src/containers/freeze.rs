//! Making a running guest stand still, with everything that it has written on its disks.

use std::fs::File;
use std::path::PathBuf;

use rustix::fs::syncfs;
use spec::ids::Vmid;
use spec::pct::MountSource;

use super::{lxc, mount};
use crate::error::Die;
use crate::state::Node;

/// Stops every process of a guest where it is, and writes out its file systems.
pub fn freeze(node: &Node, vmid: Vmid) -> Result<(), Die> {
    lxc::lxc(&node.layout, "lxc-freeze", vmid).read()?;
    let init = lxc::init_pid(&node.layout, vmid).ok_or(Die::NotRunning { vmid })?;
    let guest = node.guests().read(vmid)?;
    let volumes = mount::volumes(&guest)?.into_iter().filter(|(_, volume)| volume.source() == MountSource::Volume);
    volumes.map(|(_, volume)| PathBuf::from(format!("/proc/{init}/root{}", volume.mp()))).try_for_each(|path| {
        let directory = File::open(&path).map_err(Die::io("open", &path))?;
        syncfs(&directory).map_err(Die::sys("sync", &path))
    })
}

/// Lets the guest go on.
pub fn thaw(node: &Node, vmid: Vmid) -> Result<(), Die> {
    lxc::lxc(&node.layout, "lxc-unfreeze", vmid).read().map(drop)
}
