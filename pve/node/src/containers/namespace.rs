//! A process's private mount namespace. `unshare(1)` has made it; here it is put in order.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

use crate::error::Die;

/// Where cgroups are mounted.
const CGROUP: &str = "/sys/fs/cgroup";

/// Unmounts, in this namespace only, everything that is mounted below the guests' mount directory. Other guests' file
/// systems that happened to be mounted would otherwise stay busy for as long as this namespace lives.
pub fn forget_mounts_below(mounts: &Path) -> Result<(), Die> {
    for path in mounts_below(&read_mountinfo()?, mounts).iter().rev() {
        unmount(path, UnmountFlags::DETACH).map_err(Die::sys("unmount", path))?;
    }
    Ok(())
}

/// Whether something is mounted exactly there.
pub fn is_mounted(path: &Path) -> Result<bool, Die> {
    Ok(read_mountinfo()?.lines().filter_map(mount_point).any(|mounted| mounted == path))
}

/// Gives this namespace a unified cgroup hierarchy, whatever the host has: guests with a current systemd need one.
/// Returns the controllers that it offers.
pub fn unify_cgroups() -> Result<String, Die> {
    let controllers = Path::new(CGROUP).join("cgroup.controllers");
    if let Ok(text) = fs::read_to_string(&controllers) {
        return Ok(text);
    }
    for path in mounts_below(&read_mountinfo()?, Path::new(CGROUP)).iter().rev() {
        unmount(path, UnmountFlags::DETACH).map_err(Die::sys("unmount", path))?;
    }
    unmount(CGROUP, UnmountFlags::DETACH).map_err(Die::sys("unmount", CGROUP))?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC | MountFlags::RELATIME;
    mount("cgroup2", CGROUP, "cgroup2", flags, None).map_err(Die::sys("mount cgroup2 on", CGROUP))?;
    fs::read_to_string(&controllers).map_err(Die::io("read", &controllers))
}

fn read_mountinfo() -> Result<String, Die> {
    fs::read_to_string("/proc/self/mountinfo").map_err(Die::io("read", "/proc/self/mountinfo"))
}

/// The mount points strictly below `root`, in the order in which they were mounted.
fn mounts_below(mountinfo: &str, root: &Path) -> Vec<PathBuf> {
    let below = |path: &PathBuf| path.starts_with(root) && path != root;
    mountinfo.lines().filter_map(mount_point).filter(below).collect()
}

/// The fifth field of a line, its octal escapes resolved (proc_pid_mountinfo(5)).
fn mount_point(line: &str) -> Option<PathBuf> {
    let field = line.split(' ').nth(4)?;
    let text = field.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\");
    Some(PathBuf::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_below_is_found() {
        let info = "21 1 0:20 / / rw - ext4 /dev/a rw\n\
                    22 21 0:21 / /state rw - ext4 /dev/b rw\n\
                    23 22 7:0 / /state/mnt/9101/rootfs rw - ext4 /dev/loop0 rw\n\
                    24 22 7:1 / /state/mnt/a\\040b rw - ext4 /dev/loop1 rw\n\
                    25 21 7:2 / /statement rw - ext4 /dev/loop2 rw\n";
        let found = mounts_below(info, Path::new("/state"));
        assert_eq!(found, [PathBuf::from("/state/mnt/9101/rootfs"), PathBuf::from("/state/mnt/a b")]);
    }
}
