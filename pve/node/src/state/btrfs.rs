//! btrfs: subvolumes and their snapshots, by the `btrfs` program that Proxmox uses too.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::error::Die;
use crate::exec::Program;

/// Makes a subvolume.
pub(super) fn create(subvolume: &Path) -> Result<(), Die> {
    btrfs(&["subvolume", "create", "--"], &[subvolume])
}

/// Makes `to` a copy of `from` that takes no room; one that nobody may write to where `read_only`.
pub(super) fn snapshot(from: &Path, to: &Path, read_only: bool) -> Result<(), Die> {
    let words: &[&str] =
        if read_only { &["subvolume", "snapshot", "-r", "--"] } else { &["subvolume", "snapshot", "--"] };
    btrfs(words, &[from, to])
}

/// Removes subvolumes with everything in them.
pub(super) fn delete(subvolumes: &[PathBuf]) -> Result<(), Die> {
    let paths: Vec<&Path> = subvolumes.iter().map(PathBuf::as_path).collect();
    btrfs(&["subvolume", "delete", "--"], &paths)
}

/// From here on nobody writes to it.
pub(super) fn seal(subvolume: &Path) -> Result<(), Die> {
    let path = subvolume.to_string_lossy();
    run(&["property", "set", &path, "ro", "true"])
}

/// Puts a copy of `snapshot` in the place of `subvolume`. At every moment one of the two is there.
pub(super) fn roll_back(subvolume: &Path, snapshot_of_it: &Path) -> Result<(), Die> {
    let mut name = subvolume.as_os_str().to_owned();
    name.push(format!(".tmp.{}", std::process::id()));
    let copy = PathBuf::from(name);
    snapshot(snapshot_of_it, &copy, false)?;
    let exchanged = renameat_with(CWD, &copy, CWD, subvolume, RenameFlags::EXCHANGE);
    let swept = delete(&[copy]);
    exchanged.map_err(Die::sys("roll back", subvolume))?;
    swept
}

/// A subvolume's snapshots: `NAME@…` beside it.
pub(super) fn snapshots_of(subvolume: &Path) -> Vec<PathBuf> {
    let (Some(directory), Some(name)) = (subvolume.parent(), subvolume.file_name()) else { return Vec::new() };
    let prefix = format!("{}@", name.to_string_lossy());
    let entries = fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

fn btrfs(words: &[&str], paths: &[&Path]) -> Result<(), Die> {
    let paths: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
    run(&words.iter().copied().chain(paths.iter().map(AsRef::as_ref)).collect::<Vec<_>>())
}

/// The error quotes the command without its `-q` and ends with the last thing that it said, as on Proxmox.
fn run(words: &[&str]) -> Result<(), Die> {
    let done = Program::new("btrfs").arg("-q").args(words).output()?;
    if done.status.success() {
        return Ok(());
    }
    let said = done.stderr.trim_end().lines().last().unwrap_or("unknown error").to_owned();
    Err(Die::text(format!("command 'btrfs {}' failed: {said}", words.join(" "))))
}
