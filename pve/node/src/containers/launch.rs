//! Starting a guest: what happens in the namespace that its monitor will live in.

use std::fs;
use std::path::Path;

use spec::ids::Vmid;

use super::lxc_config::{Surroundings, render, seccomp};
use super::{bridge, lxc, mount, namespace, nic};
use crate::error::Die;
use crate::setup;
use crate::state::Node;

/// Mounts the guest's file systems, writes what Proxmox writes into them at every start, and starts LXC's monitor.
///
/// The process must be alone in its mount namespace: the mounts stay there, and end with the monitor.
/// `say` gets the warnings that a person should read.
pub fn launch(node: &Node, vmid: Vmid, say: &dyn Fn(&str)) -> Result<(), Die> {
    namespace::forget_mounts_below(node.layout.root())?;
    let controllers = namespace::unify_cgroups()?;
    let guest = node.guests().read(vmid)?;
    let mounted = mount::mount_guest(node, vmid, &guest, false)?;
    setup::at_start(mounted.root(), &guest.conf, node, say)?;
    let own = node.layout.lxc().join(vmid.to_string());
    fs::create_dir_all(&own).map_err(Die::io("create", &own))?;
    let features = guest.conf.features().map_err(|error| Die::text(error.pve_text()))?;
    let around = Surroundings {
        rootfs: mounted.root(),
        seccomp: &own.join("rules.seccomp"),
        controllers: &controllers,
        apparmor: Path::new("/sys/kernel/security/apparmor").exists(),
        host_side: &|index| nic::host_side(node, vmid, index),
        mtu: bridge::outer_mtu(),
    };
    write(around.seccomp, &seccomp(&features))?;
    write(&own.join("config"), &render(vmid, &guest.conf, &around)?)?;
    let log = own.join("log");
    // LXC appends; what earlier starts said would be taken for this one's.
    let _ = fs::remove_file(&log);
    let start = lxc::lxc(&node.layout, "lxc-start", vmid).arg("-d").arg("-o").arg(&log).args(["-l", "NOTICE"]);
    start.read()?;
    mounted.keep();
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Die> {
    fs::write(path, text).map_err(Die::io("write", path))
}
