//! Growing disks.

use serde::{Deserialize, Serialize};
use spec::ids::Vmid;
use spec::pct::{DiskSize, MountPoint};

use super::Op;
use crate::containers::{image, lxc};
use crate::error::{Die, chain};
use crate::exec::Program;
use crate::state::{GuestFile, Node, VolumeFile, VolumeKind};

/// What is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResizeRequest {
    /// The guest.
    pub vmid: Vmid,
    /// `rootfs` or `mpN`.
    pub disk: String,
    /// The new size, or `+` what is added.
    pub size: String,
    /// The configuration's digest, as the caller knows it.
    pub digest: Option<String>,
}

/// A resize that may be done.
pub struct Resize {
    mount: MountPoint,
    file: VolumeFile,
    size: DiskSize,
}

/// Looks whether the disk may grow to that size.
pub fn admit(node: &Node, request: &ResizeRequest) -> Result<Resize, Die> {
    let guest = node.guests().read(request.vmid)?;
    guest.refuse_locked(&[])?;
    guest.refuse_modified(request.digest.as_deref())?;
    let mount = mount_of(&guest, &request.disk)?;
    let volid = mount
        .volid()
        .ok_or_else(|| Die::text(format!("can't resize mount point {} - it is no volume", request.disk)))?;
    let file = node.storages().file(&volid)?;
    file.must_exist()?;
    if let VolumeKind::Image { owner } = file.kind
        && owner != request.vmid
    {
        return Err(Die::text(format!("can't resize mount point owned by another container ({owner})")));
    }
    let now = std::fs::metadata(&file.path).map_err(Die::io("stat", &file.path))?.len();
    let size = target(&request.size, now)?;
    match size.bytes().cmp(&now) {
        std::cmp::Ordering::Less => Err(Die::text("unable to shrink disk size")),
        std::cmp::Ordering::Equal => Err(Die::text("disk is already at specified size")),
        std::cmp::Ordering::Greater => Ok(Resize { mount, file, size }),
    }
}

fn mount_of(guest: &GuestFile, disk: &str) -> Result<MountPoint, Die> {
    let text = guest.conf.get(disk).ok_or_else(|| Die::text(format!("mount point '{disk}' does not exist")))?;
    let parsed = if disk == "rootfs" { MountPoint::parse_rootfs(text) } else { text.parse() };
    parsed.map_err(|error| Die::text(error.pve_text()))
}

fn target(text: &str, now: u64) -> Result<DiskSize, Die> {
    let size: DiskSize =
        text.trim_start_matches('+').parse().map_err(|_| Die::text("value does not match the regex pattern"))?;
    Ok(if text.starts_with('+') { DiskSize::from_bytes(now + size.bytes()) } else { size })
}

/// The work. As on Proxmox, a file system that cannot be grown is told in the log and fails nothing.
pub(super) fn run(op: &Op<'_>, request: &ResizeRequest) -> Result<(), Die> {
    let _lock = op.lock(request.vmid)?;
    let Resize { mut mount, file, size } = admit(op.node, request)?;
    op.line(&format!("Image resized to {size}."));
    image::grow(&file.path, size.bytes())?;
    mount.set_size(size);
    let mut conf = op.node.guests().read(request.vmid)?.conf;
    conf.set(&request.disk, &mount.to_string()).map_err(|error| Die::text(error.to_string()))?;
    op.node.guests().write(request.vmid, &conf)?;
    let fitted = if lxc::is_running(&op.node.layout, request.vmid) {
        fit_running(op, request.vmid, &file)
    } else {
        image::fit_filesystem(&file.path, op.log)
    };
    if let Err(error) = fitted {
        op.line(&format!("Failed to update the container's filesystem: {}", chain(&error)));
    }
    Ok(())
}

/// A mounted file system grows through its loop device, which first has to learn of its file's new size.
fn fit_running(op: &Op<'_>, vmid: Vmid, file: &VolumeFile) -> Result<(), Die> {
    let listed =
        Program::new("losetup").args(["--noheadings", "--output", "NAME", "--associated"]).arg(&file.path).read()?;
    let device = listed.lines().next().map(str::trim).filter(|device| !device.is_empty());
    let device = device.ok_or_else(|| Die::text(format!("no loop device holds '{}'", file.path.display())))?;
    Program::new("losetup").args(["--set-capacity", device]).read()?;
    let init = lxc::init_pid(&op.node.layout, vmid).ok_or(Die::NotRunning { vmid })?;
    // resize2fs looks for the mount in its own namespace: the monitor's has it.
    let monitor = parent_of(init)?;
    Program::new("nsenter").args(["-t", &monitor.to_string(), "-m", "resize2fs", device]).run(&|line| op.line(line))
}

fn parent_of(pid: u32) -> Result<u32, Die> {
    let path = format!("/proc/{pid}/status");
    let status = std::fs::read_to_string(&path).map_err(Die::io("read", &path))?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).and_then(|text| text.trim().parse().ok());
    parent.ok_or_else(|| Die::text(format!("no PPid in {path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_absolute_or_added() {
        let gib = DiskSize::GIB;
        assert_eq!(target("10G", gib).unwrap().bytes(), 10 * gib);
        assert_eq!(target("+2G", gib).unwrap().bytes(), 3 * gib);
        assert!(target("x", gib).is_err());
    }
}
