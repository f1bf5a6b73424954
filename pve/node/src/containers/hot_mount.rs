//! A mount point for a guest that runs.
//!
//! It is mounted in the monitor's namespace first and stays there, so that the guest may unmount it without letting go of
//! the loop device; a copy of the mount is then moved into the guest's own namespace. A thread of its own walks through
//! the namespaces and ends.

use std::fs::{self, File};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::thread;

use rustix::fs::CWD;
use rustix::mount::{MoveMountFlags, OpenTreeFlags, move_mount, open_tree};
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};
use spec::pct::MountPoint;

use super::idmap::root_of;
use super::mount;
use super::nic::Running;
use super::process::parent_of;
use crate::error::Die;
use crate::setup::rooted::Root;

/// Mounts `volume` as `key` (`mpN`) into a running guest.
pub fn plug(guest: Running<'_>, key: &str, volume: &MountPoint, unprivileged: bool) -> Result<(), Die> {
    let spaces = Spaces::of(guest.init)?;
    let stage = guest.node.layout.rootfs(guest.vmid).with_file_name(format!("stage-{key}"));
    let source = mount::source_path(guest.node, key, volume)?;
    let walk = || walk(&spaces, &source, &stage, volume, unprivileged);
    thread::scope(|scope| scope.spawn(walk).join()).unwrap_or_else(|_| Err(Die::text(format!("unable to mount {key}"))))
}

struct Spaces {
    monitor: File,
    guest: File,
}

impl Spaces {
    fn of(init: u32) -> Result<Self, Die> {
        let open = |pid: u32| {
            let path = format!("/proc/{pid}/ns/mnt");
            File::open(&path).map_err(Die::io("open", path))
        };
        Ok(Self { monitor: open(parent_of(init)?)?, guest: open(init)? })
    }
}

fn enter(namespace: &File) -> Result<(), Die> {
    move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Mount)).map_err(Die::sys("enter", "ns/mnt"))
}

fn walk(spaces: &Spaces, source: &Path, stage: &Path, volume: &MountPoint, unprivileged: bool) -> Result<(), Die> {
    leave_shared_root()?;
    enter(&spaces.monitor)?;
    fs::create_dir_all(stage).map_err(Die::io("create", stage))?;
    mount::mount_one(source, stage, volume, false)?;
    let copy = copy_of(stage)?;
    enter(&spaces.guest)?;
    let root = Root::open(Path::new("/"), root_of(unprivileged))?;
    root.make_directory(volume.mp())?;
    let target = root.resolve(volume.mp())?;
    insert(&copy, &target)
}

/// Only a thread that shares its root directory with no other may change its mount namespace.
#[expect(deprecated, reason = "unsafe only where memory or files are unshared; this is the root directory")]
fn leave_shared_root() -> Result<(), Die> {
    rustix::thread::unshare(UnshareFlags::FS).map_err(Die::sys("unshare", "/"))
}

fn copy_of(stage: &Path) -> Result<OwnedFd, Die> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    open_tree(CWD, stage, flags).map_err(Die::sys("copy the mount of", stage))
}

fn insert(copy: &OwnedFd, target: &PathBuf) -> Result<(), Die> {
    move_mount(copy, "", CWD, target, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH).map_err(Die::sys("mount on", target))
}
