//! What lies on a storage, and how full it is.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use jiff::tz::TimeZone;
use pve_wire::StorageStatus;
use serde::Serialize;
use serde_json::Value;
use spec::ids::{Vmid, Volid};

use super::volume::{BackupName, ImageFormat, VolumeKind};
use super::{StorageConfig, StorageKind, Storages, VolumeFile};

/// A volume as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VolumeRow {
    /// Its volume id.
    pub volid: String,
    /// Its content type.
    pub content: &'static str,
    /// Its format.
    pub format: String,
    /// Its size, bytes.
    pub size: u64,
    /// When it was made, seconds since 1970.
    pub ctime: i64,
    /// The guest that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vmid: Option<u64>,
    /// Of a disk: what it takes on the storage, bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<u64>,
    /// Of a disk: what it is a linked clone of, which is nothing here; the field is there all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Value>,
    /// Of a backup: `lxc`, `qemu`, `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtype: Option<&'static str>,
    /// Of a backup: the first line of its notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Of a backup: 1 where it is kept from removal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protected: Option<u8>,
}

impl Storages<'_> {
    /// A storage's size and state; one that cannot be used has neither.
    pub fn status(&self, storage: &StorageConfig) -> StorageStatus {
        let enabled = !storage.disabled() && storage.is_on(self.node.name());
        let usable = self.usable(storage.id.as_str()).is_ok();
        let full = self.refuse_full(storage).is_err();
        let stat = usable.then(|| rustix::fs::statvfs(self.path(storage)).ok()).flatten();
        let (total, used, avail) = stat.map_or((0, 0, 0), |stat| {
            let room = |blocks: u64| if full { 0 } else { blocks * stat.f_frsize };
            let (total, free) = (stat.f_blocks * stat.f_frsize, room(stat.f_bfree));
            (total, total - free, room(stat.f_bavail))
        });
        StorageStatus {
            storage: storage.id.to_string(),
            kind: storage.kind.word().to_owned(),
            content: storage.content().join(","),
            enabled,
            active: total > 0,
            shared: storage.flag("shared") == Some(true),
            total,
            used,
            avail,
        }
    }

    /// What lies on a storage, sorted by volume id; `content` and `vmid` leave out the rest.
    pub fn content(&self, storage: &StorageConfig, content: Option<&str>, vmid: Option<Vmid>) -> Vec<VolumeRow> {
        let root = self.path(storage);
        let wanted = |kind: &str| storage.holds(kind) && content.is_none_or(|content| content == kind);
        let mut volids: Vec<String> = Vec::new();
        for (kind, prefix) in [
            (VolumeKind::Backup, "backup"),
            (VolumeKind::Template, "vztmpl"),
            (VolumeKind::Iso, "iso"),
            (VolumeKind::Snippet, "snippets"),
        ] {
            if wanted(kind.content()) {
                volids.extend(names(&root.join(kind.directory())).map(|name| format!("{prefix}/{name}")));
            }
        }
        if wanted("images") || wanted("rootdir") {
            volids.extend(image_names(&root.join("images"), storage.kind));
        }
        let row = |volume: String| self.row(&format!("{}:{volume}", storage.id).parse().ok()?);
        let mut rows: Vec<VolumeRow> = volids
            .into_iter()
            .filter_map(row)
            .filter(|row| wanted(row.content) && vmid.is_none_or(|vmid| belongs(row, vmid)))
            .collect();
        rows.sort_by_key(|row| row.volid.to_lowercase());
        rows
    }

    /// A volume as a row; none where its name or file is not a volume's.
    pub fn row(&self, volid: &Volid) -> Option<VolumeRow> {
        let file = self.file(volid).ok()?;
        let stat = fs::metadata(&file.path).ok()?;
        let row = VolumeRow {
            volid: volid.to_string(),
            content: file.kind.content(),
            format: file.kind.format(volid.file_name()),
            size: stat.len(),
            ctime: stat.ctime(),
            vmid: None,
            used: None,
            parent: None,
            subtype: None,
            notes: None,
            protected: None,
        };
        match file.kind {
            VolumeKind::Image { owner } => self.image_row(row, &file, &stat, owner),
            VolumeKind::Backup => stat.is_file().then(|| backup_row(row, &file)),
            _ => stat.is_file().then_some(row),
        }
    }

    /// A disk counts as a container's as long as its container is there.
    fn image_row(&self, row: VolumeRow, file: &VolumeFile, stat: &Metadata, owner: Vmid) -> Option<VolumeRow> {
        let subvol = file.format() == ImageFormat::Subvol;
        (stat.is_dir() == subvol).then(|| VolumeRow {
            content: if self.node.guests().exists(owner) { "rootdir" } else { "images" },
            size: if subvol { 0 } else { stat.len() },
            used: Some(if subvol { 0 } else { stat.blocks() * 512 }),
            vmid: Some(u64::from(owner.get())),
            parent: Some(Value::Null),
            ..row
        })
    }
}

fn backup_row(row: VolumeRow, file: &VolumeFile) -> VolumeRow {
    let name = BackupName::of(file.volid.file_name());
    let taken = name.taken.and_then(|taken| taken.to_zoned(TimeZone::system()).ok());
    let notes = fs::read_to_string(file.notes()).ok();
    VolumeRow {
        ctime: taken.map_or(row.ctime, |taken| taken.timestamp().as_second()),
        vmid: BackupName::shown_vmid(file.volid.file_name()),
        subtype: Some(name.kind.unwrap_or("unknown")),
        notes: notes.and_then(|text| text.lines().next().map(str::to_owned)),
        protected: file.protection().exists().then_some(1),
        ..row
    }
}

/// Templates and the like belong to nobody.
fn belongs(row: &VolumeRow, vmid: Vmid) -> bool {
    row.vmid == Some(u64::from(vmid.get()))
}

fn names(directory: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| entry.file_name().into_string().ok())
}

/// The disks below `images`, as `9101/vm-9101-disk-0.raw`.
fn image_names(images: &Path, on: StorageKind) -> Vec<String> {
    let owners = names(images).filter(|name| name.parse::<Vmid>().is_ok());
    let volume = |owner: &str, name: String| match on {
        // A raw disk's subvolume bears the disk's name without the ending.
        StorageKind::Btrfs if images.join(owner).join(&name).join("disk.raw").exists() => format!("{owner}/{name}.raw"),
        _ => format!("{owner}/{name}"),
    };
    let disks = |owner: String| names(&images.join(&owner)).map(move |name| (owner.clone(), name)).collect::<Vec<_>>();
    owners.flat_map(disks).map(|(owner, name)| volume(&owner, name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Node, NodeConfig};

    #[test]
    fn rows_tell_what_names_and_files_say() {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let storages = node.storages();
        let local = storages.usable("local").unwrap();
        let disk = storages.next_disk(&local, "9101".parse().unwrap(), 5).unwrap();
        fs::write(&disk.path, b"12345").unwrap();
        let archive = "local:backup/vzdump-lxc-9000-2026_01_02-03_04_05.tar.zst".parse().unwrap();
        let archive = storages.file(&archive).unwrap();
        fs::write(&archive.path, b"x").unwrap();
        fs::write(archive.notes(), "first\nsecond").unwrap();
        fs::write(archive.path.with_file_name("my-backup.tar.zst"), b"xy").unwrap();

        let rows = storages.content(&local, None, None);
        let told: Vec<_> = rows.iter().map(|r| (r.content, r.vmid, r.subtype, r.size)).collect();
        let wanted = [
            ("images", Some(9101), None, 5),
            ("backup", None, Some("unknown"), 2),
            ("backup", Some(9000), Some("lxc"), 1),
        ];
        assert_eq!(told, wanted);
        assert_eq!(rows[2].notes.as_deref(), Some("first"));
        assert_eq!(serde_json::to_value(&rows[0]).unwrap()["parent"], Value::Null);
        let taken = "2026-01-02T03:04:05".parse::<jiff::civil::DateTime>().unwrap();
        assert_eq!(rows[2].ctime, taken.to_zoned(TimeZone::system()).unwrap().timestamp().as_second());
        assert_eq!(storages.content(&local, Some("backup"), Some("9000".parse().unwrap())).len(), 1);
        assert!(storages.content(&local, Some("rootdir"), None).is_empty());
    }
}
