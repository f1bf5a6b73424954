//! Mounting a guest's file systems: in a private namespace for the work of a task, on the host for `pct mount`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::mount::{UnmountFlags, unmount};
use spec::ids::Vmid;
use spec::pct::{MountPoint, MountSource};

use super::idmap::root_of;
use super::namespace::is_mounted;
use crate::error::Die;
use crate::exec::Program;
use crate::setup::rooted::Root;
use crate::state::{GuestFile, ImageFormat, Layout, Node, VolumeFile};
use crate::wait;

/// A guest's mounted tree. Dropping it unmounts it; [`Mounted::keep`] leaves it mounted.
#[derive(Debug)]
pub struct Mounted {
    root: PathBuf,
    points: Vec<PathBuf>,
}

impl Mounted {
    /// Where the guest's `/` is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Unmounts it and says so when that fails.
    pub fn release(mut self) -> Result<(), Die> {
        unmount_all(&std::mem::take(&mut self.points))
    }

    /// Leaves it mounted.
    pub fn keep(mut self) -> PathBuf {
        self.points.clear();
        std::mem::take(&mut self.root)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = unmount_all(&self.points);
    }
}

fn unmount_all(points: &[PathBuf]) -> Result<(), Die> {
    points.iter().rev().try_for_each(|path| unmount(path, UnmountFlags::empty()).map_err(Die::sys("unmount", path)))
}

/// A guest's volumes in the order in which they are mounted: the root file system, then mount points by depth.
pub fn volumes(guest: &GuestFile) -> Result<Vec<(String, MountPoint)>, Die> {
    let bad = |error: spec::pct::PropertyError| Die::text(error.pve_text());
    let rootfs = guest.conf.rootfs().map_err(bad)?.map(|rootfs| ("rootfs".to_owned(), rootfs));
    let mut found: Vec<(String, MountPoint)> = rootfs.into_iter().collect();
    let mut mounts = guest.conf.mounts().map_err(bad)?;
    mounts.sort_by_key(|(_, mount)| mount.mp().trim_matches('/').split('/').count());
    found.extend(mounts.into_iter().map(|(index, mount)| (format!("mp{index}"), mount)));
    Ok(found)
}

/// Mounts a guest's volumes at its mount directory, in this process's namespace.
pub fn mount_guest(node: &Node, vmid: Vmid, guest: &GuestFile, read_only: bool) -> Result<Mounted, Die> {
    let root = node.layout.rootfs(vmid);
    fs::create_dir_all(&root).map_err(Die::io("create", &root))?;
    let mut mounted = Mounted { root: root.clone(), points: Vec::new() };
    for (key, volume) in volumes(guest)? {
        let target = mount_target(&root, &volume, guest.unprivileged())?;
        let source = source_path(node, &key, &volume)?;
        mount_one(&source, &target, &volume, read_only)?;
        mounted.points.push(target);
    }
    if mounted.points.is_empty() {
        return Err(Die::text(format!("CT {vmid} has no rootfs")));
    }
    Ok(mounted)
}

/// The same, with mount points that are read-only for the guest writable for who works on it.
pub fn mount_writable(node: &Node, vmid: Vmid, guest: &GuestFile) -> Result<Mounted, Die> {
    let mut conf = guest.conf.clone();
    for (key, mut volume) in volumes(guest)? {
        if volume.remove("ro") {
            conf.set(&key, &volume.to_string()).map_err(|error| Die::text(error.to_string()))?;
        }
    }
    mount_guest(node, vmid, &GuestFile { conf, digest: String::new() }, false)
}

/// Mounts a guest's volumes as they were when a snapshot was taken.
pub fn mount_snapshot(node: &Node, vmid: Vmid, guest: &GuestFile, snapshot: &str) -> Result<Mounted, Die> {
    let root = node.layout.rootfs(vmid);
    fs::create_dir_all(&root).map_err(Die::io("create", &root))?;
    let mut mounted = Mounted { root: root.clone(), points: Vec::new() };
    for (key, volume) in volumes(guest)? {
        let disk = volume_file(node, &key, &volume)?;
        if disk.format() == ImageFormat::Subvol {
            let kind = disk.on.word();
            return Err(Die::text(format!("cannot mount subvol snapshots for storage type '{kind}'")));
        }
        let target = mount_target(&root, &volume, guest.unprivileged())?;
        mount_one(&disk.at(snapshot).path, &target, &volume, true)?;
        mounted.points.push(target);
    }
    Ok(mounted)
}

/// Mounts one disk at a directory that is there, as if it were a guest's root.
pub fn mount_disk(disk: &VolumeFile, target: &Path, read_only: bool) -> Result<Mounted, Die> {
    let unreadable = |error: spec::pct::PropertyError| Die::text(error.pve_text());
    let volume = MountPoint::parse_rootfs(&disk.volid.to_string()).map_err(unreadable)?;
    mount_one(&disk.path, target, &volume, read_only)?;
    Ok(Mounted { root: target.to_owned(), points: vec![target.to_owned()] })
}

/// The directory to mount on, resolved inside the guest's tree; made when it is missing.
fn mount_target(root: &Path, volume: &MountPoint, unprivileged: bool) -> Result<PathBuf, Die> {
    if volume.mp() == "/" {
        return Ok(root.to_owned());
    }
    let tree = Root::open(root, root_of(unprivileged))?;
    tree.make_directory(volume.mp())?;
    tree.resolve(volume.mp())
}

pub(super) fn source_path(node: &Node, key: &str, volume: &MountPoint) -> Result<PathBuf, Die> {
    match volume.source() {
        MountSource::Device | MountSource::Bind => Ok(PathBuf::from(volume.volume())),
        MountSource::Volume => Ok(volume_file(node, key, volume)?.path),
    }
}

fn volume_file(node: &Node, key: &str, volume: &MountPoint) -> Result<VolumeFile, Die> {
    let unable = || Die::text(format!("unable to parse volume ID '{}' of {key}", volume.volume()));
    let file = node.storages().file(&volume.volid().ok_or_else(unable)?)?;
    file.must_exist()?;
    Ok(file)
}

/// Waits until no loop device holds an image any more. A guest's mounts end with its namespace, and the kernel takes
/// that apart some moments after the last process is gone; mount(8) would meanwhile use the dying device again and fail.
fn await_release(image: &Path) {
    let patience = Duration::from_secs(10);
    wait::until(patience, Duration::from_millis(20), || (!is_held(image)).then_some(()));
}

fn is_held(image: &Path) -> bool {
    loop_device(image).is_some()
}

/// The loop device that holds an image.
pub fn loop_device(image: &Path) -> Option<PathBuf> {
    let devices = fs::read_dir("/sys/block").into_iter().flatten().filter_map(Result::ok);
    let holds = |device: &fs::DirEntry| {
        let file = fs::read_to_string(device.path().join("loop/backing_file"));
        file.is_ok_and(|file| Path::new(file.trim_end()) == image)
    };
    devices.into_iter().find(holds).map(|device| Path::new("/dev").join(device.file_name()))
}

/// The same for all images of a guest that has just ended.
pub fn await_guest_released(node: &Node, guest: &GuestFile) -> Result<(), Die> {
    for (key, volume) in volumes(guest)?.iter().filter(|(_, volume)| volume.source() == MountSource::Volume) {
        await_release(&source_path(node, key, volume)?);
    }
    Ok(())
}

pub(super) fn mount_one(source: &Path, target: &Path, volume: &MountPoint, read_only: bool) -> Result<(), Die> {
    let is_image = volume.source() == MountSource::Volume && !source.is_dir();
    if is_image {
        await_release(source);
    }
    let access = match read_only || volume.read_only() {
        _ if is_image && is_sealed(source) => "ro,noload",
        true => "ro",
        false => "rw",
    };
    let program = Program::new("mount");
    let program = match volume.source() {
        MountSource::Volume if is_image => program.args(["-t", "ext4", "-o", &format!("loop,{access}")]),
        MountSource::Device => program.args(["-o", access]),
        MountSource::Volume | MountSource::Bind => program.args(["--bind", "-o", access]),
    };
    program.arg(source).arg(target).read().map(drop)
}

/// Whether an image is a template's or a snapshot's: nobody writes to it, not even to replay its journal.
fn is_sealed(image: &Path) -> bool {
    let names = image.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy());
    names.into_iter().any(|name| name.starts_with("base-") || name.contains('@'))
}

/// Gives the root of a fresh volume, mounted at a directory of the guest, to the guest's root.
pub fn own(path: &Path, unprivileged: bool) -> Result<(), Die> {
    let id = root_of(unprivileged);
    chown(path, Some(id), Some(id)).map_err(Die::io("chown", path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(Die::io("chmod", path))
}

/// Undoes a `pct mount` on the host; nothing to do when nothing is mounted.
pub fn release_host_mount(layout: &Layout, vmid: Vmid) -> Result<(), Die> {
    let root = layout.rootfs(vmid);
    if is_mounted(&root)? {
        Program::new("umount").arg("--recursive").arg(&root).read()?;
    }
    Ok(())
}
