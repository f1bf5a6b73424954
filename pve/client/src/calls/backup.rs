//! Backing guests up.

use pve_wire::Upid;
use pve_wire::api::calls::VZDUMP;
use spec::ids::{StorageId, Vmid};

use super::MaybeTask;
use crate::client::Client;
use crate::error::CallError;
use crate::request::Params;

/// How a guest is kept still while it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupMode {
    /// It is stopped for the whole time.
    Stop,
    /// It is stopped for a moment.
    Suspend,
    /// A snapshot of its volumes is read; a storage without snapshots makes it `Suspend`.
    Snapshot,
}

/// How the archive is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// A backup of one guest. Old backups are kept, whatever the storage's retention says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup(Params);

impl Backup {
    /// Of guest `vmid`, to `storage`.
    pub fn new(vmid: Vmid, storage: &StorageId, mode: BackupMode, compression: Compression) -> Self {
        let mode = match mode {
            BackupMode::Stop => "stop",
            BackupMode::Suspend => "suspend",
            BackupMode::Snapshot => "snapshot",
        };
        let compress = match compression {
            Compression::None => "0",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        };
        let params = Params::on(vmid).with("storage", storage).with("mode", mode).with("compress", compress);
        Self(params.flag("remove", false))
    }

    /// Lets the storage's retention remove older backups.
    #[must_use]
    pub fn prune(self) -> Self {
        Self(self.0.flag("remove", true))
    }

    /// Sets the archive's notes; `{{guestname}}`, `{{node}}` and `{{vmid}}` are filled in by the node.
    #[must_use]
    pub fn notes(self, template: &str) -> Self {
        Self(self.0.with("notes-template", &template.replace('\\', "\\\\").replace('\n', "\\n")))
    }

    /// Keeps the archive from removal.
    #[must_use]
    pub fn protected(self) -> Self {
        Self(self.0.flag("protected", true))
    }

    /// Leaves out what these patterns match.
    #[must_use]
    pub fn exclude(self, patterns: Vec<String>) -> Self {
        Self(self.0.many("exclude-path", patterns))
    }
}

impl Client {
    /// `POST /nodes/NODE/vzdump`; none where the node has no such guest. The archive's name stands in the task's log
    /// only.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn backup(&self, backup: Backup) -> Result<Option<Upid>, CallError> {
        self.call(&VZDUMP, backup.0).await.map(|MaybeTask(upid)| upid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_one_line_and_nothing_is_pruned_unasked() {
        let backup =
            Backup::new("101".parse().unwrap(), &"local".parse().unwrap(), BackupMode::Stop, Compression::Zstd);
        let backup = backup.notes("one\ntwo\\");
        assert_eq!((backup.0.get("notes-template"), backup.0.get("remove")), (Some("one\\ntwo\\\\"), Some("0")));
        assert_eq!(backup.prune().0.get("remove"), Some("1"));
    }
}
