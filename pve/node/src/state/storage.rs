//! The storages: directories that hold images, archives and templates.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use pve_wire::{ContentRow, StorageStatus};
use spec::ids::{Vmid, Volid};

use super::volume::{BackupName, VolumeKind, format_of};
use super::{Node, StorageConfig};
use crate::error::Die;

/// A volume's file.
#[derive(Debug, Clone)]
pub struct VolumeFile {
    /// What it is.
    pub kind: VolumeKind,
    /// Where it lies; the file need not exist.
    pub path: PathBuf,
    /// Its volume id.
    pub volid: Volid,
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

/// The storages of a node.
pub struct Storages<'a> {
    node: &'a Node,
}

impl<'a> Storages<'a> {
    pub(super) fn new(node: &'a Node) -> Self {
        Self { node }
    }

    /// A storage by id.
    pub fn get(&self, id: &str) -> Result<&'a StorageConfig, Die> {
        let found = self.node.config.storage.iter().find(|storage| storage.id.as_str() == id);
        found.ok_or_else(|| Die::NoStorage { storage: id.to_owned() })
    }

    /// All storages.
    pub fn all(&self) -> &'a [StorageConfig] {
        &self.node.config.storage
    }

    /// A storage's directory.
    pub fn path(&self, storage: &StorageConfig) -> PathBuf {
        self.node.layout.root().join(&storage.path)
    }

    /// The file behind a volume id.
    pub fn file(&self, volid: &Volid) -> Result<VolumeFile, Die> {
        let storage = self.get(volid.storage.as_str())?;
        let kind = VolumeKind::of(&volid.volume)
            .ok_or_else(|| Die::text(format!("unable to parse directory volume name '{}'", volid.volume)))?;
        let path = self.path(storage).join(kind.directory()).join(volid.file_name());
        Ok(VolumeFile { kind, path, volid: volid.clone() })
    }

    /// A name for a guest's next disk, and where its file will lie.
    pub fn next_disk(&self, storage: &StorageConfig, vmid: Vmid) -> Result<VolumeFile, Die> {
        self.refuse_full(storage)?;
        let directory = self.path(storage).join(format!("images/{vmid}"));
        fs::create_dir_all(&directory).map_err(Die::io("create", &directory))?;
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o740)).map_err(Die::io("chmod", &directory))?;
        let taken =
            |k: &u32| ["vm", "base"].iter().any(|p| directory.join(format!("{p}-{vmid}-disk-{k}.raw")).exists());
        let free = (0..u32::MAX).find(|k| !taken(k)).unwrap_or_default();
        let volid = format!("{}:{vmid}/vm-{vmid}-disk-{free}.raw", storage.id);
        self.file(&volid.parse().map_err(|error: spec::ids::InvalidId| Die::text(error.to_string()))?)
    }

    /// Refuses where a test has filled the storage: whoever is about to write something large asks.
    pub fn refuse_full(&self, storage: &StorageConfig) -> Result<(), Die> {
        let full = self.node.faults.is_full(storage.id.as_str())?;
        if full { Err(Die::text("No space left on device")) } else { Ok(()) }
    }

    /// Removes a volume's file with what stands beside it; a guest's directory goes with its last disk.
    pub fn free(&self, file: &VolumeFile) -> Result<(), Die> {
        file.must_exist()?;
        if file.protection().exists() {
            let (volume, storage) = (&file.volid, &file.volid.storage);
            return Err(Die::text(format!("cannot remove protected volume '{volume}' on '{storage}'")));
        }
        fs::remove_file(&file.path).map_err(Die::io("unlink", &file.path))?;
        let beside = [file.notes(), file.path.with_extension("").with_extension("log")];
        for extra in beside.iter().filter(|extra| file.kind == VolumeKind::Backup && extra.exists()) {
            fs::remove_file(extra).map_err(Die::io("unlink", extra))?;
        }
        if let (VolumeKind::Image { .. }, Some(directory)) = (file.kind, file.path.parent()) {
            // Fails while other disks lie there, as it should.
            let _ = fs::remove_dir(directory);
        }
        Ok(())
    }

    /// A storage's size and state.
    pub fn status(&self, storage: &StorageConfig) -> Result<StorageStatus, Die> {
        let path = self.path(storage);
        let stat = rustix::fs::statvfs(&path).map_err(Die::sys("stat", &path))?;
        let full = self.node.faults.is_full(storage.id.as_str())?;
        let room = |blocks: u64| if full { 0 } else { blocks * stat.f_frsize };
        let (total, free) = (stat.f_blocks * stat.f_frsize, room(stat.f_bfree));
        Ok(StorageStatus {
            storage: storage.id.to_string(),
            kind: "dir".to_owned(),
            content: storage.content.join(","),
            enabled: true,
            active: true,
            shared: false,
            total,
            used: total - free,
            avail: room(stat.f_bavail),
        })
    }

    /// What lies on a storage, sorted by volume id.
    pub fn content(&self, storage: &StorageConfig) -> Result<Vec<ContentRow>, Die> {
        let root = self.path(storage);
        let mut rows = Vec::new();
        self.rows(storage, &root.join("dump"), "backup", &mut rows);
        self.rows(storage, &root.join("template/cache"), "vztmpl", &mut rows);
        for entry in fs::read_dir(root.join("images")).into_iter().flatten().filter_map(Result::ok) {
            if let Some(owner) = entry.file_name().to_str().filter(|name| name.parse::<Vmid>().is_ok()) {
                self.rows(storage, &entry.path(), owner, &mut rows);
            }
        }
        rows.sort_by(|a, b| a.volid.cmp(&b.volid));
        Ok(rows)
    }

    fn rows(&self, storage: &StorageConfig, directory: &Path, prefix: &str, rows: &mut Vec<ContentRow>) {
        for entry in fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let volid = format!("{}:{prefix}/{name}", storage.id).parse().ok();
            rows.extend(volid.and_then(|volid| self.row(&volid)));
        }
    }

    /// A volume as a row of its storage's content; none where its name or file is not a volume's.
    pub fn row(&self, volid: &Volid) -> Option<ContentRow> {
        let file = self.file(volid).ok()?;
        let stat = fs::metadata(&file.path).ok().filter(fs::Metadata::is_file)?;
        let vmid = match file.kind {
            VolumeKind::Image { owner } => Some(owner),
            VolumeKind::Backup => BackupName::of(volid.file_name()).owner,
            VolumeKind::Template => None,
        };
        let notes = fs::read_to_string(file.notes()).ok().and_then(|text| Some(text.lines().next()?.to_owned()));
        let is_backup = file.kind == VolumeKind::Backup;
        Some(ContentRow {
            volid: volid.to_string(),
            content: file.kind.content().to_owned(),
            format: format_of(volid.file_name()).to_owned(),
            size: stat.len(),
            ctime: u64::try_from(stat.mtime()).unwrap_or_default(),
            vmid: vmid.map(|vmid| u64::from(vmid.get())),
            subtype: (is_backup && vmid.is_some()).then(|| "lxc".to_owned()),
            notes: notes.filter(|_| is_backup),
            protected: is_backup && file.protection().exists(),
        })
    }
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
        let local = storages.get("local").unwrap();
        let disk = storages.next_disk(local, "9101".parse().unwrap()).unwrap();
        fs::write(&disk.path, b"x").unwrap();
        let second = storages.next_disk(local, "9101".parse().unwrap()).unwrap();
        assert_eq!(second.volid.to_string(), "local:9101/vm-9101-disk-1.raw");

        let archive = storages.file(&"local:backup/vzdump-lxc-9000-x.tar.zst".parse().unwrap()).unwrap();
        assert!(matches!(archive.must_exist(), Err(Die::NoVolume { .. })));
        fs::write(&archive.path, b"x").unwrap();
        fs::write(archive.protection(), b"").unwrap();
        assert!(storages.free(&archive).unwrap_err().to_string().starts_with("cannot remove protected volume"));
        let rows = storages.content(local).unwrap();
        assert_eq!(
            rows.iter().map(|r| (r.content.as_str(), r.vmid)).collect::<Vec<_>>(),
            [("rootdir", Some(9101)), ("backup", Some(9000))]
        );
        assert!(storages.get("nosuch").is_err());
    }
}
