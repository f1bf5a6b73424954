//! `vzdump`: a backup of a container.

use std::path::PathBuf;

use spec::ids::{StorageId, Vmid};

use crate::Host;
use crate::process::{CommandError, Line};

/// `vzdump` on a node.
#[derive(Debug, Clone, Copy)]
pub struct Vzdump<'h> {
    host: &'h Host,
}

/// A backup to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The container.
    pub vmid: Vmid,
    /// The storage that takes the archive (content `backup`).
    pub storage: StorageId,
    /// The note beside it, a template in vzdump's sense.
    pub notes: Option<String>,
    /// How long to wait for the node's other backups, in minutes: one runs at a time.
    pub lock_wait: u32,
}

impl<'h> Vzdump<'h> {
    pub(crate) fn new(host: &'h Host) -> Self {
        Self { host }
    }

    /// Backs a container up, stopped and compressed with zstd, and says where the archive is.
    ///
    /// The node's retention does not run (`--remove 0`): whoever asked for a backup did not ask for deletions.
    pub fn stop_mode(&self, backup: &Backup, on_line: &mut dyn FnMut(Line<'_>)) -> Result<PathBuf, CommandError> {
        let command = self.host.program("vzdump").arg(backup.vmid.to_string());
        let command = command.args(["--mode", "stop", "--compress", "zstd", "--remove", "0", "--storage"]);
        let command = command.arg(backup.storage.as_str()).args(["--lockwait", &backup.lock_wait.to_string()]);
        let command = command.option("notes-template", backup.notes.as_deref());
        command.follow(on_line)?.ok()?.read("archive's path", archive_path)
    }
}

/// Reads ``INFO: creating vzdump archive '/path'``: the path is said before the archive is begun.
///
/// Only a line of vzdump's own counts: what tar says of a guest's files comes as `INFO: tar: …`.
pub fn archive_path(log: &str) -> Option<PathBuf> {
    log.lines().find_map(|line| Some(line.strip_prefix("INFO: creating vzdump archive '")?.strip_suffix('\'')?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_is_read_from_the_log() {
        let log = "INFO: Starting Backup of VM 9000 (lxc)\n\
                   INFO: creating vzdump archive '/var/lib/vz/dump/vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst'\n";
        let path = archive_path(log).unwrap();
        assert_eq!(path.file_name().unwrap(), "vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst");
        assert_eq!(archive_path("INFO: nothing\n"), None);
        assert_eq!(archive_path("INFO: tar: ./creating vzdump archive '/etc/passwd'\n"), None);
    }
}
