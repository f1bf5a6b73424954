//! Making a storage ready: its directories are there, and it lies where it should.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{StorageConfig, StorageKind, VolumeKind};
use crate::error::Die;

/// `statfs(2)` of btrfs.
const BTRFS_MAGIC: i64 = 0x9123_683e;

/// Refuses a storage that is not where it should be, and makes the directories of what it may hold.
pub(super) fn activate(path: &Path, storage: &StorageConfig) -> Result<(), Die> {
    let id = &storage.id;
    if let Some(point) = mount_point(path, storage).filter(|point| !is_mount_point(point)) {
        let what = "directory is expected to be a mount point but is not mounted";
        return Err(Die::text(format!("unable to activate storage '{id}' - {what}: '{}'", point.display())));
    }
    let may = |key: &str| storage.flag(key) != Some(false) && storage.flag("mkdir") != Some(false);
    if may("create-base-path") {
        // What cannot be made is told by the look that follows.
        let _ = fs::create_dir_all(path);
    }
    if !path.is_dir() {
        let what = format!("directory '{}' does not exist or is unreachable", path.display());
        return Err(Die::text(format!("unable to activate storage '{id}' - {what}")));
    }
    if storage.kind == StorageKind::Btrfs && !is_btrfs(path) {
        return Err(Die::text(format!("'{}' is not a btrfs file system", path.display())));
    }
    if may("create-subdirs") { make_directories(path, storage) } else { Ok(()) }
}

fn make_directories(path: &Path, storage: &StorageConfig) -> Result<(), Die> {
    for content in storage.content() {
        let Some(directory) = directory_of(content) else { continue };
        let directory = path.join(directory);
        fs::create_dir_all(&directory).map_err(|error| {
            let what = format!("failed to create content directory '{}' for content '{content}'", directory.display());
            Die::text(format!("{what} - {error}"))
        })?;
    }
    Ok(())
}

fn directory_of(content: &str) -> Option<String> {
    let kinds = [VolumeKind::Backup, VolumeKind::Template, VolumeKind::Iso, VolumeKind::Snippet];
    match content {
        "images" | "rootdir" => Some("images".to_owned()),
        _ => kinds.into_iter().find(|kind| kind.content() == content).map(VolumeKind::directory),
    }
}

/// `is_mountpoint` is a truth word (the storage's own directory is meant) or a path.
fn mount_point(path: &Path, storage: &StorageConfig) -> Option<PathBuf> {
    match storage.get("is_mountpoint")? {
        "0" | "no" | "off" | "false" => None,
        "1" | "yes" | "on" | "true" => Some(path.to_owned()),
        other => Some(PathBuf::from(other)),
    }
}

/// A mount point lies on another device than its parent, or is the root.
fn is_mount_point(path: &Path) -> bool {
    let device = |path: &Path| fs::metadata(path).map(|stat| (stat.dev(), stat.ino())).ok();
    match (device(path), device(&path.join(".."))) {
        (Some(own), Some(parent)) => own.0 != parent.0 || own == parent,
        _ => false,
    }
}

fn is_btrfs(path: &Path) -> bool {
    rustix::fs::statfs(path).is_ok_and(|stat| stat.f_type == BTRFS_MAGIC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::StorageDocument;

    fn activated(text: &str, path: &Path) -> Result<(), String> {
        let document = StorageDocument::parse(text);
        activate(path, document.storages().next().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_missing_directory_is_made_unless_forbidden() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("second");
        let refused = activated("dir: x2\n\tcreate-base-path 0\n", &path).unwrap_err();
        assert!(refused.starts_with("unable to activate storage 'x2' - directory '"), "{refused}");
        activated("dir: x2\n\tcontent backup,rootdir\n", &path).unwrap();
        assert!(path.join("dump").is_dir() && path.join("images").is_dir() && !path.join("template").exists());
    }

    #[test]
    fn a_mount_point_is_wanted_where_one_is_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let refused = activated("dir: x2\n\tis_mountpoint 1\n", dir.path()).unwrap_err();
        assert!(refused.contains("is expected to be a mount point but is not mounted: '"), "{refused}");
        assert!(activated("dir: x2\n\tis_mountpoint /proc\n", dir.path()).is_ok());
        assert!(activated("btrfs: x2\n", Path::new("/proc")).unwrap_err().contains("is not a btrfs file system"));
    }
}
