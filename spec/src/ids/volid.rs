//! The name of a volume on a storage.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{InvalidId, StorageId};

/// `STORAGE:VOLUME`, as Proxmox names a disk, a template or an archive
/// (`local:backup/vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Volid {
    /// The storage's id.
    pub storage: StorageId,
    /// The volume's name inside that storage; may hold slashes.
    pub volume: String,
}

impl Volid {
    /// The volume's last path component: for an archive its file name.
    pub fn file_name(&self) -> &str {
        self.volume.rsplit('/').next().unwrap_or(&self.volume)
    }
}

impl FromStr for Volid {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId::new("volume id", text, "write it as STORAGE:VOLUME");
        let (storage, volume) = text.split_once(':').ok_or_else(invalid)?;
        if volume.is_empty() || volume.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(invalid());
        }
        Ok(Self { storage: storage.parse().map_err(|_| invalid())?, volume: volume.to_owned() })
    }
}

impl TryFrom<String> for Volid {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Volid> for String {
    fn from(volid: Volid) -> Self {
        volid.to_string()
    }
}

impl fmt::Display for Volid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.storage, self.volume)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_keeps_its_path() {
        let volid: Volid = "local:backup/vzdump-lxc-9000-x.tar.zst".parse().unwrap();
        assert_eq!(volid.file_name(), "vzdump-lxc-9000-x.tar.zst");
        assert_eq!(volid.to_string(), "local:backup/vzdump-lxc-9000-x.tar.zst");
        assert!("/plain/path".parse::<Volid>().is_err());
        assert!("local:".parse::<Volid>().is_err());
    }
}
