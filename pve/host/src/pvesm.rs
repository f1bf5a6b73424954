//! `pvesm`: storages and their volumes.

use std::path::PathBuf;

use spec::ids::{StorageId, Vmid, Volid};
use spec::pct::PctConf;

use crate::Host;
use crate::process::{CommandError, Invocation};

/// `pvesm` on a node.
#[derive(Debug, Clone, Copy)]
pub struct Pvesm<'h> {
    host: &'h Host,
}

/// A row of `pvesm list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// The volume.
    pub volid: Volid,
    /// `raw`, `tar.zst`, ….
    pub format: String,
    /// Its content type: `rootdir`, `vztmpl`, `backup`, ….
    pub content: String,
    /// Bytes.
    pub bytes: u64,
    /// The guest it belongs to.
    pub vmid: Option<Vmid>,
}

/// A row of `pvesm status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageStatus {
    /// The storage.
    pub storage: StorageId,
    /// `dir`, `btrfs`, ….
    pub kind: String,
    /// Whether it can be used now.
    pub active: bool,
    /// Bytes that are free.
    pub available: u64,
}

impl<'h> Pvesm<'h> {
    pub(crate) fn new(host: &'h Host) -> Self {
        Self { host }
    }

    fn verb(self, verb: &str) -> Invocation {
        self.host.program("pvesm").arg(verb)
    }

    /// Where a volume is, or would be, on the node's file system.
    pub fn path(&self, volid: &Volid) -> Result<PathBuf, CommandError> {
        self.verb("path").arg(volid.to_string()).ok()?.read("path", |text| {
            let line = text.trim_end();
            line.starts_with('/').then(|| PathBuf::from(line))
        })
    }

    /// The volumes of one content type on a storage.
    pub fn list(&self, storage: &StorageId, content: &str) -> Result<Vec<Volume>, CommandError> {
        let command = self.verb("list").arg(storage.as_str()).args(["--content", content]);
        command.ok()?.read("table of volumes", read_volumes)
    }

    /// All storages.
    pub fn status(&self) -> Result<Vec<StorageStatus>, CommandError> {
        self.verb("status").ok()?.read("table of storages", read_storages)
    }

    /// The storages that take a content type: `rootdir`, `backup`, `vztmpl`, ….
    pub fn with_content(&self, content: &str) -> Result<Vec<StorageStatus>, CommandError> {
        self.verb("status").args(["--content", content]).ok()?.read("table of storages", read_storages)
    }

    /// The configuration inside an archive.
    pub fn extract_config(&self, archive: &Volid) -> Result<PctConf, CommandError> {
        Ok(PctConf::parse(&self.verb("extractconfig").arg(archive.to_string()).ok()?.stdout))
    }

    /// Deletes a volume.
    pub fn free(&self, volid: &Volid) -> Result<(), CommandError> {
        self.verb("free").arg(volid.to_string()).ok().map(drop)
    }
}

/// Reads `Volid Format Type Size [VMID]`.
fn read_volumes(text: &str) -> Option<Vec<Volume>> {
    rows(text, "Volid")
        .map(|row| {
            let (volid, format, content, bytes, vmid) = match row?[..] {
                [volid, format, content, bytes] => (volid, format, content, bytes, None),
                [volid, format, content, bytes, vmid] => (volid, format, content, bytes, Some(vmid)),
                _ => return None,
            };
            let vmid = vmid.map(str::parse).transpose().ok()?;
            let (volid, bytes) = (volid.parse().ok()?, bytes.parse().ok()?);
            Some(Volume { volid, format: format.to_owned(), content: content.to_owned(), bytes, vmid })
        })
        .collect()
}

/// Reads `Name Type Status Total Used Available %`; sizes are in KiB.
fn read_storages(text: &str) -> Option<Vec<StorageStatus>> {
    rows(text, "Name")
        .map(|row| match row?[..] {
            [storage, kind, status, _, _, available, ..] => Some(StorageStatus {
                storage: storage.parse().ok()?,
                kind: kind.to_owned(),
                active: status == "active",
                available: available.parse::<u64>().ok()?.checked_mul(1024)?,
            }),
            _ => None,
        })
        .collect()
}

/// The words of each row below a header that begins with `first`; a table without rows may lack its header too.
fn rows<'t>(text: &'t str, first: &'t str) -> impl Iterator<Item = Option<Vec<&'t str>>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty()).enumerate();
    lines.filter_map(move |(index, line)| match index {
        0 if line.starts_with(first) => None,
        0 => Some(None),
        _ => Some(Some(line.split_whitespace().collect())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_are_read_with_and_without_a_guest() {
        let text = "Volid                                         Format  Type            Size VMID\n\
                    local:backup/vzdump-lxc-9000-x.tar.zst        tar.zst backup     224395264 9000\n\
                    local:vztmpl/debian-13.tar.zst                tzst    vztmpl     126515062\n";
        let volumes = read_volumes(text).unwrap();
        assert_eq!(volumes.len(), 2);
        assert_eq!((volumes[0].bytes, volumes[0].vmid.map(Vmid::get)), (224_395_264, Some(9000)));
        assert_eq!((volumes[1].content.as_str(), volumes[1].vmid), ("vztmpl", None));
        assert_eq!(read_volumes(""), Some(Vec::new()));
        assert_eq!(read_volumes("no such storage\n"), None);
    }

    #[test]
    fn storages_are_read_in_kib() {
        let text = "Name         Type     Status     Total (KiB)      Used (KiB) Available (KiB)        %\n\
                    local         dir     active        98497780        10485760        88012020   10.65%\n\
                    tank          dir   inactive               0               0               0    0.00%\n";
        let storages = read_storages(text).unwrap();
        assert_eq!((storages[0].active, storages[0].available), (true, 88_012_020 * 1024));
        assert!(!storages[1].active);
    }
}
