//! The embedded node's storages: two directories, and a btrfs where the machine can make one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::lab;

/// The second directory.
pub(super) const SECOND: &str = "second";
/// The btrfs.
pub(super) const BTRFS: &str = "bt";
/// Its size; the file is sparse.
const BTRFS_BYTES: u64 = 3 << 30;

/// Makes them below a state directory and writes `storage.cfg`; whether there is a btrfs.
pub(super) fn make(state: &Path) -> Result<bool> {
    let folder = |id: &str| state.join("storage").join(id);
    let btrfs = mount_btrfs(state, &folder(BTRFS))?;
    let entry = |kind: &str, id: &str, content: &str| {
        format!("{kind}: {id}\n\tpath {}\n\tcontent {content}\n\n", folder(id).display())
    };
    let mut text = entry("dir", "local", "iso,vztmpl,import,images,snippets,backup,rootdir");
    text += &entry("dir", SECOND, "images,backup,rootdir");
    if btrfs {
        text += &entry("btrfs", BTRFS, "rootdir,images");
    }
    fs::create_dir_all(folder(SECOND)).context("making the second storage")?;
    fs::write(state.join("storage.cfg"), text).context("writing storage.cfg")?;
    Ok(btrfs)
}

/// Takes the btrfs away again.
pub(super) fn unmake(state: &Path) -> Result<()> {
    let folder = state.join("storage").join(BTRFS);
    let mounts = fs::read_to_string("/proc/self/mounts").context("reading the mounts")?;
    if !mounts.contains(&format!(" {} ", folder.display())) {
        return Ok(());
    }
    lab::run(Command::new("umount").arg(folder), false)?.ok().map(drop)
}

fn mount_btrfs(state: &Path, folder: &Path) -> Result<bool> {
    let image: PathBuf = state.join("btrfs.img");
    File::create(&image).and_then(|file| file.set_len(BTRFS_BYTES)).context("making the btrfs image")?;
    let made = lab::run(Command::new("mkfs.btrfs").arg("-q").arg(&image), false);
    if made.and_then(lab::Done::ok).is_err() {
        return Ok(false);
    }
    fs::create_dir_all(folder).context("making the btrfs storage")?;
    lab::run(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(folder), false)?.ok()?;
    Ok(true)
}
