//! A guest's disk: a sparse file with an ext4 file system in it, or a directory.

use std::fs::File;
use std::os::unix::fs::chown;
use std::path::Path;

use super::idmap::root_of;
use crate::error::Die;
use crate::exec::Program;
use crate::state::{ImageFormat, StorageKind, VolumeFile};
use crate::tasks::TaskLog;

/// Makes a disk of `bytes` bytes, its root directory owned by the guest's root; a directory where there are none.
pub fn make(file: &VolumeFile, bytes: u64, unprivileged: bool, log: &TaskLog) -> Result<(), Die> {
    make_telling(file, bytes, unprivileged, &|line| log.line(line))
}

/// The same outside of a task.
pub fn make_telling(
    file: &VolumeFile,
    bytes: u64,
    unprivileged: bool,
    line: &(dyn Fn(&str) + Sync),
) -> Result<(), Die> {
    let (path, root) = (&file.path, root_of(unprivileged));
    if file.format() == ImageFormat::Subvol {
        file.allocate(bytes)?;
        return chown(path, Some(root), Some(root)).map_err(Die::io("chown", path));
    }
    if file.on == StorageKind::Dir {
        line(&format!("Formatting '{}', fmt=raw size={bytes} preallocation=off", path.display()));
    }
    file.allocate(bytes)?;
    format_ext4(path, root, line).inspect_err(|_| {
        let _ = file.remove();
    })
}

/// `mmp` (multiple mount protection) makes a second mount of the same image fail instead of destroying it.
fn format_ext4(path: &Path, root: u32, line: &(dyn Fn(&str) + Sync)) -> Result<(), Die> {
    let owner = format!("root_owner={root}:{root}");
    let program = Program::new("mkfs.ext4").args(["-O", "mmp", "-E", &owner]).arg(path);
    program.run(&|said| {
        if is_told(said) {
            line(said);
        }
    })
}

/// The lines of mkfs that Proxmox lets through. A single backup of the superblock is not among them.
fn is_told(line: &str) -> bool {
    let starts = ["Creating filesystem with", "Filesystem UUID:", "Superblock backups stored on blocks:"];
    let blocks = line.strip_prefix('\t').is_some_and(|list| list.contains(", "));
    blocks || starts.iter().any(|start| line.starts_with(start))
}

/// Lets a copy of a disk in use be mounted at once. The copy says that somebody uses it, and the kernel would wait more
/// than a minute for a sign of life.
pub fn forget_use(disk: &VolumeFile) -> Result<(), Die> {
    if disk.format() == ImageFormat::Subvol {
        return Ok(());
    }
    Program::new("tune2fs").args(["-f", "-E", "clear_mmp"]).arg(&disk.path).read().map(drop)
}

/// Grows a disk's file to `bytes` bytes, in whole sectors.
pub fn grow(path: &Path, bytes: u64) -> Result<(), Die> {
    let file = File::options().write(true).open(path).map_err(Die::io("open", path))?;
    file.set_len(bytes.next_multiple_of(512)).map_err(Die::io("grow", path))
}

/// Fits the file system of a stopped guest's disk to its file. Each of the two programs waits eleven seconds for another
/// who might have the image mounted (`mmp`), as on Proxmox.
pub fn fit_filesystem(path: &Path, log: &TaskLog) -> Result<(), Die> {
    Program::new("e2fsck").args(["-f", "-y"]).arg(path).run(&|line| log.line(line))?;
    Program::new("resize2fs").arg(path).run(&|line| log.line(line))
}

/// The same while a running guest has it mounted. resize2fs wants to see the mount: it gets one of its own.
pub fn fit_mounted_filesystem(path: &Path, log: &TaskLog) -> Result<(), Die> {
    let listed = Program::new("losetup").args(["--noheadings", "--output", "NAME", "--associated"]).arg(path).read()?;
    let device = listed.lines().next().map(str::trim).filter(|device| !device.is_empty());
    let missing = "internal error: CT running but mount point not attached to a loop device";
    let device = device.ok_or_else(|| Die::text(missing))?;
    Program::new("losetup").args(["--set-capacity", device]).read()?;
    let script = format!("mount --make-rprivate / && mount {device} /tmp && resize2fs {device}");
    Program::new("unshare").args(["-m", "--", "sh", "-c", &script]).run(&|line| log.line(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mkfs_is_summed_up() {
        let said = "mke2fs 1.47\nDiscarding device blocks: done\nCreating filesystem with 262144 4k blocks and 65536 inodes\n\
                    Filesystem UUID: x\nSuperblock backups stored on blocks: \n\t32768, 98304\n\nAllocating group tables: done\n";
        assert_eq!(said.lines().filter(|line| is_told(line)).count(), 4);
        assert!(!is_told("\t8193"));
    }
}
