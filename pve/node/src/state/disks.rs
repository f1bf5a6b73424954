//! Guests' disks: made, copied, kept as they were at a moment, handed over. What a storage can do follows from its type.

use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use spec::ids::{Vmid, Volid};

use super::volume::ImageFormat;
use super::{StorageKind, Storages, VolumeFile, btrfs};
use crate::error::Die;
use crate::exec::Program;

/// What a disk may allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskFeature {
    /// Snapshots of it can be taken.
    Snapshot,
    /// A copy can be made that takes no room.
    Clone,
    /// A copy can be made.
    Copy,
    /// It can become a template's.
    Template,
    /// It can be given to another guest.
    Rename,
}

impl VolumeFile {
    /// Whether it is a template's disk.
    pub fn is_base(&self) -> bool {
        self.volid.file_name().starts_with("base-")
    }

    /// Whether the disk, or its snapshot where `snapshot`, allows something a container can use.
    pub fn offers(&self, feature: DiskFeature, snapshot: bool) -> bool {
        let raw = self.format() == ImageFormat::Raw;
        match (self.on, feature) {
            // A linked clone on a directory would be a qcow2 file, which no container can use.
            (StorageKind::Dir, DiskFeature::Snapshot | DiskFeature::Clone) => false,
            (StorageKind::Dir, DiskFeature::Copy) => raw && !snapshot,
            (_, DiskFeature::Template) => !snapshot && !self.is_base(),
            (_, DiskFeature::Rename) => raw && !snapshot && !self.is_base(),
            (StorageKind::Btrfs, DiskFeature::Snapshot) => snapshot || !self.is_base(),
            (StorageKind::Btrfs, DiskFeature::Clone) => raw,
            (StorageKind::Btrfs, DiskFeature::Copy) => true,
        }
    }

    /// The same disk as its snapshot has it. The volume id stays the disk's.
    #[must_use]
    pub fn at(&self, snapshot: &str) -> Self {
        let of = |subvolume: &Path| {
            let mut name = subvolume.as_os_str().to_owned();
            name.push(format!("@{snapshot}"));
            PathBuf::from(name)
        };
        let path = if self.format() == ImageFormat::Raw {
            of(&self.subvolume()).join("disk.raw")
        } else {
            of(&self.subvolume())
        };
        Self { path, ..self.clone() }
    }

    /// Its size; a directory has none.
    pub fn bytes(&self) -> Result<u64, Die> {
        match self.format() {
            ImageFormat::Subvol => Ok(0),
            ImageFormat::Raw => Ok(fs::metadata(&self.path).map_err(Die::io("stat", &self.path))?.len()),
        }
    }

    /// Makes it: a directory, or an empty file of `bytes` bytes.
    pub fn allocate(&self, bytes: u64) -> Result<(), Die> {
        match (self.on, self.format()) {
            (StorageKind::Btrfs, _) => btrfs::create(&self.subvolume())?,
            (StorageKind::Dir, ImageFormat::Subvol) => {
                let made = fs::DirBuilder::new().mode(0o755).create(&self.path);
                made.map_err(Die::io("create", &self.path))?;
            }
            (StorageKind::Dir, ImageFormat::Raw) => (),
        }
        if self.format() == ImageFormat::Subvol {
            return Ok(());
        }
        make_file(&self.path, bytes).inspect_err(|_| {
            let _ = self.remove();
        })
    }

    /// Removes it and, on btrfs, its snapshots.
    pub fn remove(&self) -> Result<(), Die> {
        let subvolume = self.subvolume();
        if self.on == StorageKind::Btrfs {
            return btrfs::delete(&[btrfs::snapshots_of(&subvolume), vec![subvolume]].concat());
        }
        if self.is_base() {
            // Where the flag could not be set there is nothing to take away.
            let _ = chattr("-i", &subvolume);
        }
        match self.format() {
            ImageFormat::Subvol => fs::remove_dir_all(&subvolume).map_err(Die::io("remove", &subvolume)),
            ImageFormat::Raw => fs::remove_file(&subvolume).map_err(Die::io("unlink", &subvolume)),
        }
    }

    /// What bears the disk's name on its storage: the file, or on btrfs the subvolume around it.
    fn subvolume(&self) -> PathBuf {
        match (self.on, self.format(), self.path.parent()) {
            (StorageKind::Btrfs, ImageFormat::Raw, Some(parent)) => parent.to_owned(),
            _ => self.path.clone(),
        }
    }
}

impl Storages<'_> {
    /// Keeps a disk as it is now, under a name.
    pub fn snapshot(&self, disk: &VolumeFile, name: &str) -> Result<(), Die> {
        btrfs::snapshot(&disk.subvolume(), &disk.at(name).subvolume(), true)
    }

    /// Lets a disk's snapshot go.
    pub fn delete_snapshot(&self, disk: &VolumeFile, name: &str) -> Result<(), Die> {
        btrfs::delete(&[disk.at(name).subvolume()])
    }

    /// Makes a disk again what it was when the snapshot was taken.
    pub fn roll_back(&self, disk: &VolumeFile, name: &str) -> Result<(), Die> {
        btrfs::roll_back(&disk.subvolume(), &disk.at(name).subvolume())
    }

    /// A copy for another guest that shares everything with the disk until either is written to.
    pub fn link(&self, disk: &VolumeFile, vmid: Vmid) -> Result<VolumeFile, Die> {
        let storage = self.usable(disk.volid.storage.as_str())?;
        let copy = self.next_image(&storage, vmid, disk.format())?;
        btrfs::snapshot(&disk.subvolume(), &copy.subvolume(), false)?;
        Ok(copy)
    }

    /// Makes a disk a template's: named so, and not written to any more. A directory's name says nothing of that.
    pub fn make_base(&self, disk: &VolumeFile, say: &dyn Fn(&str)) -> Result<VolumeFile, Die> {
        let base = self.named(disk, &disk.volid.volume.replace("/vm-", "/base-"))?;
        let (from, to) = (disk.subvolume(), base.subvolume());
        fs::rename(&from, &to).map_err(Die::io("rename", &from))?;
        let sealed = match disk.on {
            StorageKind::Btrfs => btrfs::seal(&to),
            // Without the right to search it, nobody but root could use a directory's copies.
            StorageKind::Dir if disk.format() == ImageFormat::Subvol => Ok(()),
            StorageKind::Dir => {
                fs::set_permissions(&to, fs::Permissions::from_mode(0o444)).map_err(Die::io("chmod", &to))?;
                chattr("+i", &to)
            }
        };
        // Not every file system knows the flag; the disk is a template's all the same.
        sealed.unwrap_or_else(|error| say(&error.to_string()));
        Ok(base)
    }

    /// Gives a disk to another guest, under that guest's name.
    pub fn hand_over(&self, disk: &VolumeFile, vmid: Vmid) -> Result<VolumeFile, Die> {
        let storage = self.usable(disk.volid.storage.as_str())?;
        let (from, disk) = (disk.subvolume(), self.next_image(&storage, vmid, disk.format())?);
        fs::rename(&from, disk.subvolume()).map_err(Die::io("rename", &from))?;
        Ok(disk)
    }

    fn named(&self, disk: &VolumeFile, volume: &str) -> Result<VolumeFile, Die> {
        let volid = format!("{}:{volume}", disk.volid.storage).parse::<Volid>();
        self.file(&volid.map_err(|error| Die::text(error.to_string()))?)
    }
}

fn make_file(path: &Path, bytes: u64) -> Result<(), Die> {
    let image = File::options().write(true).create_new(true).mode(0o640).open(path).map_err(Die::io("create", path))?;
    image.set_len(bytes).map_err(Die::io("grow", path))
}

/// `i`: nobody may change it, root included.
fn chattr(change: &str, path: &Path) -> Result<(), Die> {
    Program::new("chattr").arg(change).arg(path).read().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Node, NodeConfig};

    fn node() -> (tempfile::TempDir, Node) {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let text = format!("btrfs: bt\n\tpath {}\n", dir.path().display());
        fs::write(node.layout.storage_cfg(), text).unwrap();
        (dir, node)
    }

    #[test]
    fn what_a_disk_allows_follows_from_storage_and_format() {
        use DiskFeature::{Clone, Copy, Rename, Snapshot, Template};
        let (_dir, node) = node();
        let all = [Snapshot, Clone, Copy, Template, Rename];
        for (volid, current, snapshot) in [
            ("local:200/vm-200-disk-0.raw", vec![Copy, Template, Rename], vec![]),
            ("local:200/base-200-disk-0.raw", vec![Copy], vec![]),
            ("local:200/subvol-200-disk-0.subvol", vec![Template], vec![]),
            ("bt:200/vm-200-disk-0.raw", vec![Snapshot, Clone, Copy, Template, Rename], vec![Snapshot, Clone, Copy]),
            ("bt:200/base-200-disk-0.raw", vec![Clone, Copy], vec![Snapshot, Clone, Copy]),
            ("bt:200/subvol-200-disk-0.subvol", vec![Snapshot, Copy, Template], vec![Snapshot, Copy]),
        ] {
            let disk = node.storages().file(&volid.parse().unwrap()).unwrap();
            let offered = |at| all.into_iter().filter(|feature| disk.offers(*feature, at)).collect::<Vec<_>>();
            assert_eq!((offered(false), offered(true)), (current, snapshot), "{volid}");
        }
    }

    #[test]
    fn a_snapshot_lies_beside_its_disk() {
        let (_dir, node) = node();
        let at = |volid: &str| {
            let disk = node.storages().file(&volid.parse().unwrap()).unwrap();
            disk.at("s1").path
        };
        assert!(at("bt:200/vm-200-disk-0.raw").ends_with("images/200/vm-200-disk-0@s1/disk.raw"));
        assert!(at("bt:200/subvol-200-disk-0.subvol").ends_with("images/200/subvol-200-disk-0.subvol@s1"));
    }

    #[test]
    fn disks_of_a_directory_are_made_handed_over_and_removed() {
        let (_dir, node) = node();
        let storages = node.storages();
        let local = storages.usable("local").unwrap();
        let (first, second) = ("9101".parse().unwrap(), "9102".parse().unwrap());
        let disk = storages.next_disk(&local, first, 4096).unwrap();
        disk.allocate(4096).unwrap();
        assert_eq!(fs::metadata(&disk.path).unwrap().len(), 4096);
        let moved = storages.hand_over(&disk, second).unwrap();
        assert_eq!(moved.volid.to_string(), "local:9102/vm-9102-disk-0.raw");
        assert!(!disk.path.exists() && moved.path.exists());
        storages.free(&moved).unwrap();
        assert!(!moved.path.exists());
        let tree = storages.next_disk(&local, first, 0).unwrap();
        tree.allocate(0).unwrap();
        assert!(tree.path.is_dir() && tree.volid.to_string().ends_with("subvol-9101-disk-0.subvol"));
        storages.free(&tree).unwrap();
    }
}
