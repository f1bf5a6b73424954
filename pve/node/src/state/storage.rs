//! The storages: directories that hold images, archives and templates.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use spec::ids::{Vmid, Volid};

use super::guests::{digest_of, replace};
use super::volume::{BackupName, ImageFormat, VolumeKind};
use super::{Node, StorageConfig, StorageDocument, StorageKind, locks};
use crate::error::Die;

/// What `local` may hold where nobody has said so.
const LOCAL: &str = "\tcontent rootdir,images,vztmpl,backup,iso,snippets\n\tprune-backups keep-all=1\n\n";

/// A volume's file.
#[derive(Debug, Clone)]
pub struct VolumeFile {
    /// What it is.
    pub kind: VolumeKind,
    /// Where it lies; the file need not exist.
    pub path: PathBuf,
    /// Its volume id.
    pub volid: Volid,
    /// What its storage is made of.
    pub on: StorageKind,
}

impl VolumeFile {
    /// The file that holds an archive's notes.
    pub fn notes(&self) -> PathBuf {
        beside(&self.path, "notes")
    }

    /// The file whose presence keeps an archive from removal.
    pub fn protection(&self) -> PathBuf {
        beside(&self.path, "protected")
    }

    /// The guest whose privileges count.
    pub fn owner(&self) -> Option<Vmid> {
        match self.kind {
            VolumeKind::Image { owner } => Some(owner),
            VolumeKind::Backup => BackupName::of(self.volid.file_name()).owner,
            _ => None,
        }
    }

    /// How a disk is kept; of other volumes `raw`, being files.
    pub fn format(&self) -> ImageFormat {
        ImageFormat::of(self.volid.file_name()).unwrap_or(ImageFormat::Raw)
    }

    /// Refuses when the file is not there.
    pub fn must_exist(&self) -> Result<(), Die> {
        if self.path.exists() { Ok(()) } else { Err(Die::NoVolume { volid: self.volid.to_string() }) }
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// The storages of a node, as `storage.cfg` has them at the moment of asking: another process may have changed them.
pub struct Storages<'a> {
    pub(super) node: &'a Node,
}

impl<'a> Storages<'a> {
    pub(super) fn new(node: &'a Node) -> Self {
        Self { node }
    }

    /// The file, and the digest of its text. `local` is always there, as on Proxmox.
    pub fn document(&self) -> (StorageDocument, String) {
        let text = fs::read_to_string(self.node.layout.storage_cfg()).unwrap_or_default();
        let mut document = StorageDocument::parse(&text);
        if !document.storages().any(|storage| storage.id.as_str() == "local") {
            document.put_first(self.own_local());
        }
        (document, digest_of(&text))
    }

    /// `local` as it is where nobody has said anything about it: every node of a cluster has its own directory.
    fn own_local(&self) -> Option<StorageConfig> {
        let path = self.node.layout.root().join("storage/local");
        StorageDocument::parse(&format!("dir: local\n\tpath {}\n{LOCAL}", path.display())).storages().next().cloned()
    }

    /// Changes the file, alone among all processes.
    pub fn change<E: From<Die>>(
        &self,
        work: impl FnOnce(&mut StorageDocument, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let _lock = locks::acquire(&self.node.layout.storage_lock(), Duration::from_secs(10), &|_| ())?;
        let (mut document, digest) = self.document();
        work(&mut document, &digest)?;
        if document.storages().find(|storage| storage.id.as_str() == "local") == self.own_local().as_ref() {
            document.remove("local");
        }
        Ok(replace(&self.node.layout.storage_cfg(), document.to_string().as_bytes(), 0o640)?)
    }

    /// All storages, sorted by id.
    pub fn all(&self) -> Vec<StorageConfig> {
        let mut all: Vec<StorageConfig> = self.document().0.storages().cloned().collect();
        all.sort_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
        all
    }

    /// A storage by id, whether or not it may be used.
    pub fn get(&self, id: &str) -> Result<StorageConfig, Die> {
        let found = self.document().0.storages().find(|storage| storage.id.as_str() == id).cloned();
        found.ok_or_else(|| Die::NoStorage { storage: id.to_owned() })
    }

    /// A storage that is switched on, here, and has its directories.
    pub fn usable(&self, id: &str) -> Result<StorageConfig, Die> {
        let storage = self.get(id)?;
        if storage.disabled() {
            return Err(Die::text(format!("storage '{id}' is disabled")));
        }
        if !storage.is_on(self.node.name()) {
            return Err(Die::text(format!("storage '{id}' is not available on node '{}'", self.node.name())));
        }
        super::activation::activate(&self.path(&storage), &storage)?;
        Ok(storage)
    }

    /// A storage's directory.
    pub fn path(&self, storage: &StorageConfig) -> PathBuf {
        self.node.layout.root().join(storage.path())
    }

    /// The file behind a volume id.
    pub fn file(&self, volid: &Volid) -> Result<VolumeFile, Die> {
        let storage = self.get(volid.storage.as_str())?;
        let kind = VolumeKind::of(&volid.volume)
            .ok_or_else(|| Die::text(format!("unable to parse directory volume name '{}'", volid.volume)))?;
        let directory = self.path(&storage).join(kind.directory());
        let image = matches!(kind, VolumeKind::Image { .. }) && storage.kind == StorageKind::Btrfs;
        let path = match volid.file_name().strip_suffix(".raw") {
            // On btrfs a raw disk has a subvolume to itself, so that it can be snapshotted.
            Some(stem) if image => directory.join(stem).join("disk.raw"),
            _ => directory.join(volid.file_name()),
        };
        Ok(VolumeFile { kind, path, volid: volid.clone(), on: storage.kind })
    }

    /// A name for a guest's next disk of so many bytes, and where it will lie. One of nought bytes is a directory, which
    /// has no limit but its storage's.
    pub fn next_disk(&self, storage: &StorageConfig, vmid: Vmid, bytes: u64) -> Result<VolumeFile, Die> {
        let format = if bytes == 0 { ImageFormat::Subvol } else { ImageFormat::Raw };
        self.next_image(storage, vmid, format)
    }

    /// A name for a guest's next disk, and where it will lie.
    pub fn next_image(&self, storage: &StorageConfig, vmid: Vmid, format: ImageFormat) -> Result<VolumeFile, Die> {
        self.refuse_full(storage)?;
        let directory = self.path(storage).join(format!("images/{vmid}"));
        fs::create_dir_all(&directory).map_err(Die::io("create", &directory))?;
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o740)).map_err(Die::io("chmod", &directory))?;
        let taken: Vec<String> = fs::read_dir(&directory)
            .map_err(Die::io("read", &directory))?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        let is_taken = |k: &u32| {
            let stem = format!("{vmid}-disk-{k}");
            taken.iter().any(|name| {
                let rest = ["vm-", "base-", "subvol-"].iter().find_map(|prefix| name.strip_prefix(prefix));
                let rest = rest.and_then(|rest| rest.strip_prefix(&stem));
                // Names count by their format; a raw disk's subvolume on btrfs has no ending.
                rest.is_some_and(|rest| rest.strip_prefix('.').unwrap_or("raw") == format.word())
            })
        };
        let free = (0..u32::MAX).find(|k| !is_taken(k)).unwrap_or_default();
        let prefix = if format == ImageFormat::Subvol { "subvol" } else { "vm" };
        let volid = format!("{}:{vmid}/{prefix}-{vmid}-disk-{free}.{}", storage.id, format.word());
        self.file(&volid.parse().map_err(|error: spec::ids::InvalidId| Die::text(error.to_string()))?)
    }

    /// Refuses where a test has filled the storage: whoever is about to write something large asks.
    pub fn refuse_full(&self, storage: &StorageConfig) -> Result<(), Die> {
        let full = self.node.faults.is_full(storage.id.as_str())?;
        if full { Err(Die::text("No space left on device")) } else { Ok(()) }
    }

    /// Removes a volume with what stands beside it; a guest's directory goes with its last disk.
    pub fn free(&self, file: &VolumeFile) -> Result<(), Die> {
        file.must_exist()?;
        if file.kind == VolumeKind::Backup && file.protection().exists() {
            let (volume, storage) = (&file.volid.volume, &file.volid.storage);
            return Err(Die::text(format!("cannot remove protected volume '{volume}' on '{storage}'")));
        }
        match file.kind {
            VolumeKind::Image { .. } => file.remove()?,
            _ => fs::remove_file(&file.path).map_err(Die::io("unlink", &file.path))?,
        }
        let beside = [file.notes(), log_beside(&file.path)];
        for extra in beside.iter().filter(|extra| file.kind == VolumeKind::Backup && extra.exists()) {
            fs::remove_file(extra).map_err(Die::io("unlink", extra))?;
        }
        if let VolumeKind::Image { owner } = file.kind {
            let storage = self.get(file.volid.storage.as_str())?;
            // Fails while other disks lie there, as it should.
            let _ = fs::remove_dir(self.path(&storage).join(format!("images/{owner}")));
        }
        Ok(())
    }
}

/// The log that vzdump leaves beside an archive: the archive's name without its endings.
pub fn log_beside(archive: &Path) -> PathBuf {
    let name = archive.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.split_once(".t").map_or(name.as_str(), |(stem, _)| stem);
    archive.with_file_name(format!("{stem}.log"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::NodeConfig;

    #[test]
    fn disks_are_numbered_and_archives_keep_their_company() {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let storages = node.storages();
        let local = storages.usable("local").unwrap();
        let vmid = "9101".parse().unwrap();
        let disk = storages.next_disk(&local, vmid, 1).unwrap();
        fs::write(&disk.path, b"x").unwrap();
        assert_eq!(storages.next_disk(&local, vmid, 1).unwrap().volid.to_string(), "local:9101/vm-9101-disk-1.raw");
        let second = storages.next_disk(&local, vmid, 0).unwrap();
        assert_eq!(second.volid.to_string(), "local:9101/subvol-9101-disk-0.subvol");
        fs::create_dir(&second.path).unwrap();
        storages.free(&disk).unwrap();
        storages.free(&second).unwrap();
        assert!(!second.path.parent().unwrap().exists());

        let archive = storages.file(&"local:backup/vzdump-lxc-9000-x.tar.zst".parse().unwrap()).unwrap();
        assert!(matches!(archive.must_exist(), Err(Die::NoVolume { .. })));
        fs::write(&archive.path, b"x").unwrap();
        fs::write(archive.protection(), b"").unwrap();
        let refused = storages.free(&archive).unwrap_err().to_string();
        assert_eq!(refused, "cannot remove protected volume 'backup/vzdump-lxc-9000-x.tar.zst' on 'local'");
        assert!(storages.get("nosuch").is_err());
    }

    #[test]
    fn a_raw_disk_on_btrfs_has_a_subvolume() {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let text = format!("btrfs: bt\n\tpath {}\n", dir.path().display());
        fs::write(node.layout.storage_cfg(), text).unwrap();
        let file = node.storages().file(&"bt:200/vm-200-disk-0.raw".parse().unwrap()).unwrap();
        assert!(file.path.ends_with("images/200/vm-200-disk-0/disk.raw"));
        let file = node.storages().file(&"bt:200/subvol-200-disk-0.subvol".parse().unwrap()).unwrap();
        assert!(file.path.ends_with("images/200/subvol-200-disk-0.subvol"));
    }

    #[test]
    fn a_change_is_seen_at_once_and_a_switched_off_storage_refused() {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let switched = |document: &mut StorageDocument, _: &str| -> Result<(), Die> {
            let mut local = document.storages().next().unwrap().clone();
            local.properties.insert("disable".to_owned(), "1".to_owned());
            document.put(local);
            Ok(())
        };
        node.storages().change(switched).unwrap();
        assert_eq!(node.storages().usable("local").unwrap_err().to_string(), "storage 'local' is disabled");
        assert!(node.storages().get("local").is_ok());
    }
}
