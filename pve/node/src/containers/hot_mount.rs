//! A mount point for a guest that runs.
//!
//! It is mounted in the monitor's namespace first and stays there, so that the guest may unmount it without letting go of
//! the loop device; a copy of the mount is then moved into the guest's own namespace. A thread of its own walks through
//! the namespaces and ends.

use std::fs::{self, File};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::thread;

use rustix::fs::CWD;
use rustix::mount::{MoveMountFlags, OpenTreeFlags, UnmountFlags, move_mount, open_tree, unmount};
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
    let root = Root::open(&PathBuf::from(format!("/proc/{}/root", guest.init)), root_of(unprivileged))?;
    root.make_directory(volume.mp())?;
    let staged = Staged {
        spaces: Spaces::of(guest.init)?,
        source: mount::source_path(guest.node, key, volume)?,
        stage: guest.node.layout.rootfs(guest.vmid).with_file_name(format!("stage-{key}")),
        target: root.directory(volume.mp())?,
    };
    let walk = || staged.walk(volume);
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

/// A mount on its way: from where, over which directory of the monitor's, to which directory of the guest.
struct Staged {
    spaces: Spaces,
    source: PathBuf,
    stage: PathBuf,
    target: OwnedFd,
}

impl Staged {
    fn walk(&self, volume: &MountPoint) -> Result<(), Die> {
        leave_shared_root()?;
        enter(&self.spaces.monitor)?;
        fs::create_dir_all(&self.stage).map_err(Die::io("create", &self.stage))?;
        mount::mount_one(&self.source, &self.stage, volume, false)?;
        self.insert().inspect_err(|_| {
            // Nobody will ask for it again: the loop device must not stay.
            if enter(&self.spaces.monitor).is_ok() {
                let _ = unmount(&self.stage, UnmountFlags::DETACH);
            }
        })
    }

    fn insert(&self) -> Result<(), Die> {
        let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
        let copy = open_tree(CWD, &self.stage, flags).map_err(Die::sys("copy the mount of", &self.stage))?;
        enter(&self.spaces.guest)?;
        let both = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
        move_mount(&copy, "", &self.target, "", both).map_err(Die::sys("mount into the guest", &self.source))
    }
}

/// Only a thread that shares its root directory with no other may change its mount namespace.
#[expect(deprecated, reason = "unsafe only where memory or files are unshared; this is the root directory")]
fn leave_shared_root() -> Result<(), Die> {
    rustix::thread::unshare(UnshareFlags::FS).map_err(Die::sys("unshare", "/"))
}
