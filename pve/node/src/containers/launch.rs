//! Starting a guest: what happens in the namespace that its monitor will live in.

use std::fs;
use std::path::Path;

use spec::ids::Vmid;
use spec::pct::PctConf;

use super::lxc_config::{Surroundings, is_host_managed, render, seccomp};
use super::{bridge, lxc, mount, namespace, nic};
use crate::error::{Die, chain};
use crate::setup::{Around, Say, Setup};
use crate::state::Node;
use crate::tasks::TaskLog;

/// Mounts the guest's file systems, writes what Proxmox writes into them at every start, and starts LXC's monitor.
///
/// The process must be alone in its mount namespace: the mounts stay there, and end with the monitor.
/// `say` gets what a person should read, for [`relay`].
pub fn launch(node: &Node, vmid: Vmid, debug: bool, say: &dyn Fn(&str)) -> Result<(), Die> {
    namespace::forget_mounts_below(&node.layout.mounts())?;
    let controllers = namespace::unify_cgroups()?;
    let guest = node.guests().read(vmid)?;
    let mounted = mount::mount_guest(node, vmid, &guest, false)?;
    let told = Told(say);
    let setup = Setup::open(mounted.root(), &guest.conf, &Around::of(node), &told);
    if let Err(error) = setup.and_then(|setup| setup.before_start()) {
        told.line(&chain(&error));
        return Err(Die::text(format!("startup for container '{vmid}' failed")));
    }
    warn_about_dhcp(&guest.conf, &told)?;
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
    let level = if debug { "DEBUG" } else { "NOTICE" };
    let start = lxc::lxc(&node.layout, "lxc-start", vmid).arg("-d").arg("-o").arg(&log).arg("-l").arg(level);
    start.read()?;
    mounted.keep();
    Ok(())
}

/// A host that sets addresses would have to ask for them in the guest's stead.
fn warn_about_dhcp(conf: &PctConf, say: &dyn Say) -> Result<(), Die> {
    let nets = conf.nets().map_err(|error| Die::text(error.pve_text()))?;
    for (index, net) in nets.iter().filter(|(_, net)| is_host_managed(net)) {
        if [net.get("ip"), net.get("ip6")].contains(&Some("dhcp")) {
            say.warn(&format!("DHCP failed - this node has no DHCP client for net{index}"));
        }
    }
    Ok(())
}

const WARNING: &str = "warning: ";

/// What is said on the way to the process that keeps the task's log.
struct Told<'a>(&'a dyn Fn(&str));

impl Say for Told<'_> {
    fn line(&self, text: &str) {
        text.lines().for_each(|line| (self.0)(line));
    }

    fn warn(&self, text: &str) {
        (self.0)(&format!("{WARNING}{text}"));
    }
}

/// Hands on what a launch has said. Only warnings are worth it when all went well.
pub fn relay(said: &str, went_well: bool, log: &TaskLog) {
    for line in said.lines() {
        match line.strip_prefix(WARNING) {
            Some(warning) => log.warn(warning),
            None if went_well => (),
            None => log.line(line),
        }
    }
}

fn write(path: &Path, text: &str) -> Result<(), Die> {
    fs::write(path, text).map_err(Die::io("write", path))
}
