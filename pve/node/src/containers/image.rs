//! A guest's disk: a sparse file with an ext4 file system in it.

use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::idmap::root_of;
use crate::error::Die;
use crate::exec::Program;
use crate::state::VolumeFile;
use crate::tasks::TaskLog;

/// Makes a disk of `bytes` bytes, its root directory owned by the guest's root.
pub fn make(file: &VolumeFile, bytes: u64, unprivileged: bool, log: &TaskLog) -> Result<(), Die> {
    log.line(&format!("Formatting '{}', fmt=raw size={bytes} preallocation=off", file.path.display()));
    let said = allocate(file, bytes, unprivileged)?;
    for line in mkfs_summary(&said) {
        log.line(line);
    }
    Ok(())
}

/// The same where nobody reads a log.
pub fn make_quietly(file: &VolumeFile, bytes: u64, unprivileged: bool) -> Result<(), Die> {
    allocate(file, bytes, unprivileged).map(drop)
}

/// Makes the file and the file system in it; returns what mkfs said.
fn allocate(file: &VolumeFile, bytes: u64, unprivileged: bool) -> Result<String, Die> {
    let path = &file.path;
    let image = File::options().write(true).create_new(true).mode(0o640).open(path).map_err(Die::io("create", path))?;
    let made = image.set_len(bytes).map_err(Die::io("grow", path)).and_then(|()| format_ext4(path, unprivileged));
    made.inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

/// `mmp` (multiple mount protection) makes a second mount of the same image fail instead of destroying it.
fn format_ext4(path: &Path, unprivileged: bool) -> Result<String, Die> {
    let root = root_of(unprivileged);
    let owner = format!("root_owner={root}:{root}");
    Program::new("mkfs.ext4").args(["-O", "mmp", "-E", &owner]).arg(path).read()
}

/// The lines of mkfs that Proxmox lets through.
fn mkfs_summary(said: &str) -> Vec<&str> {
    let kept = ["Creating filesystem with", "Filesystem UUID:", "Superblock backups stored on blocks:", "\t"];
    said.lines().filter(|line| kept.iter().any(|start| line.starts_with(start))).collect()
}

/// Grows a disk's file to `bytes` bytes.
pub fn grow(path: &Path, bytes: u64) -> Result<(), Die> {
    let file = File::options().write(true).open(path).map_err(Die::io("open", path))?;
    file.set_len(bytes).map_err(Die::io("grow", path))
}

/// Fits the file system of a stopped guest's disk to its file.
pub fn fit_filesystem(path: &Path, log: &TaskLog) -> Result<(), Die> {
    let checked = Program::new("e2fsck").args(["-f", "-y"]).arg(path).output()?;
    // 1 and 2: errors were found and mended (e2fsck(8)).
    if checked.status.code().is_none_or(|code| code > 2) {
        let how = format!("e2fsck: {}", checked.stderr.trim());
        return Err(Die::text(how));
    }
    Program::new("resize2fs").arg(path).run(&|line| log.line(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mkfs_is_summed_up() {
        let said = "mke2fs 1.47\nDiscarding device blocks: done\nCreating filesystem with 262144 4k blocks and 65536 inodes\n\
                    Filesystem UUID: x\nSuperblock backups stored on blocks: \n\t32768, 98304\n\nAllocating group tables: done\n";
        assert_eq!(mkfs_summary(said).len(), 4);
    }
}
