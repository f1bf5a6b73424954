//! Storages and what lies on them.

use serde::{Deserialize, Serialize};

use crate::lenient;

/// A row of `GET /nodes/{node}/storage`, and the answer to `…/storage/{storage}/status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StorageStatus {
    /// The storage's id; left out in the status of one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub storage: String,
    /// `dir`, `btrfs`, `lvmthin`, …
    #[serde(rename = "type", default)]
    pub kind: String,
    /// What it may hold, joined by commas: `rootdir,vztmpl,backup`.
    #[serde(default)]
    pub content: String,
    /// Whether it may be used.
    #[serde(default, deserialize_with = "lenient::flag", serialize_with = "lenient::as_bit")]
    pub enabled: bool,
    /// Whether it answers.
    #[serde(default, deserialize_with = "lenient::flag", serialize_with = "lenient::as_bit")]
    pub active: bool,
    /// Whether several nodes see the same content.
    #[serde(default, deserialize_with = "lenient::flag", serialize_with = "lenient::as_bit")]
    pub shared: bool,
    /// Its size, bytes.
    #[serde(default, deserialize_with = "lenient::count")]
    pub total: u64,
    /// In use, bytes.
    #[serde(default, deserialize_with = "lenient::count")]
    pub used: u64,
    /// Free, bytes.
    #[serde(default, deserialize_with = "lenient::count")]
    pub avail: u64,
}

/// A row of `GET …/storage/{storage}/content`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentRow {
    /// The volume's id.
    pub volid: String,
    /// `backup`, `rootdir`, `vztmpl`, `images`.
    #[serde(default)]
    pub content: String,
    /// `tar.zst`, `raw`, …
    #[serde(default)]
    pub format: String,
    /// Its size, bytes.
    #[serde(default, deserialize_with = "lenient::count")]
    pub size: u64,
    /// When it was made, seconds since 1970.
    #[serde(default, deserialize_with = "lenient::count")]
    pub ctime: u64,
    /// The guest that it belongs to.
    #[serde(default, deserialize_with = "lenient::optional_count", skip_serializing_if = "Option::is_none")]
    pub vmid: Option<u64>,
    /// `lxc` for containers' backups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtype: Option<String>,
    /// The first line of its notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Whether it is kept from removal.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        serialize_with = "lenient::as_bit",
        skip_serializing_if = "lenient::unset"
    )]
    pub protected: bool,
}

/// The answer to `GET …/storage/{storage}/content/{volume}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeInfo {
    /// Where it lies on the node.
    #[serde(default)]
    pub path: String,
    /// Its size, bytes.
    #[serde(default, deserialize_with = "lenient::count")]
    pub size: u64,
    /// What it takes on the disk, bytes.
    #[serde(default, deserialize_with = "lenient::count")]
    pub used: u64,
    /// `raw`, `tar.zst`, …
    #[serde(default)]
    pub format: String,
    /// All of its notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Whether it is kept from removal.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        serialize_with = "lenient::as_bit",
        skip_serializing_if = "lenient::unset"
    )]
    pub protected: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_row_reads_whatever_stands_for_numbers() {
        let text = r#"{"volid":"local:backup/vzdump-lxc-110-2026_11_20-12_08_58.tar.zst","content":"backup",
            "format":"tar.zst","size":"45000000","ctime":1795176538,"vmid":"110","subtype":"lxc","protected":1}"#;
        let row: ContentRow = serde_json::from_str(text).unwrap();
        assert_eq!((row.size, row.vmid, row.protected), (45_000_000, Some(110), true));
        let written = serde_json::to_value(&row).unwrap();
        assert_eq!((&written["protected"], &written["vmid"]), (&serde_json::json!(1), &serde_json::json!(110)));
    }
}
