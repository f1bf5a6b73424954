//! Node and cluster.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::lenient;

/// The answer to `GET /version`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// `9.1.2`.
    pub version: String,
    /// `9.1`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub release: String,
    /// The commit that it was built from.
    #[serde(default, deserialize_with = "lenient::text")]
    pub repoid: String,
}

/// The answer to `GET /access/permissions`: path → privilege → whether it propagates. A privilege that stands there is
/// granted, whatever its value.
pub type Permissions = BTreeMap<String, BTreeMap<String, u8>>;

/// A row of `GET /nodes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRow {
    /// The node's name.
    pub node: String,
    /// `online`, `offline`, `unknown`.
    #[serde(default)]
    pub status: String,
    /// The SHA-256 of its certificate, upper-case hex with colons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssl_fingerprint: Option<String>,
    /// `node`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// `node/<name>`.
    #[serde(default)]
    pub id: String,
}

/// A row of `GET /cluster/resources`. Which keys stand there depends on the type, and on whether statistics came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// `lxc/9101`, `node/pve`, `storage/pve/local`.
    pub id: String,
    /// `lxc`, `qemu`, `node`, `storage`, …
    #[serde(rename = "type", default)]
    pub kind: String,
    /// The node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// A guest's number.
    #[serde(default, deserialize_with = "lenient::optional_count", skip_serializing_if = "Option::is_none")]
    pub vmid: Option<u64>,
    /// A guest's hostname.
    #[serde(default, deserialize_with = "lenient::optional_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `running`, `stopped`, `unknown`, `online`, `available`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// A storage's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    /// A guest's lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<String>,
    /// A guest's tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<String>,
    /// A guest's pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// Whether the guest is a template.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        serialize_with = "lenient::as_bit",
        skip_serializing_if = "lenient::unset"
    )]
    pub template: bool,
    /// Seconds since its start.
    #[serde(default, deserialize_with = "lenient::optional_count", skip_serializing_if = "Option::is_none")]
    pub uptime: Option<u64>,
    /// Memory in use, bytes. A node's is told only with Sys.Audit.
    #[serde(default, deserialize_with = "lenient::optional_count", skip_serializing_if = "Option::is_none")]
    pub mem: Option<u64>,
    /// Memory that it may use, bytes; a node's own.
    #[serde(default, deserialize_with = "lenient::optional_count", skip_serializing_if = "Option::is_none")]
    pub maxmem: Option<u64>,
    /// Disk in use, bytes.
    #[serde(default, deserialize_with = "lenient::optional_count", skip_serializing_if = "Option::is_none")]
    pub disk: Option<u64>,
    /// The root disk's size, bytes; a storage's.
    #[serde(default, deserialize_with = "lenient::optional_count", skip_serializing_if = "Option::is_none")]
    pub maxdisk: Option<u64>,
}

/// A row of `GET /nodes/{node}/network`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkRow {
    /// The interface's name.
    pub iface: String,
    /// `bridge`, `eth`, …
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Whether it is up.
    #[serde(default, deserialize_with = "lenient::flag", serialize_with = "lenient::as_bit")]
    pub active: bool,
    /// Whether it is made at boot.
    #[serde(default, deserialize_with = "lenient::flag", serialize_with = "lenient::as_bit")]
    pub autostart: bool,
    /// Its address with the prefix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_guest_without_statistics_reads() {
        let row: Resource =
            serde_json::from_str(r#"{"id":"lxc/9101","type":"lxc","vmid":9101,"node":"pve","status":"unknown"}"#)
                .unwrap();
        assert_eq!((row.vmid, row.name, row.template), (Some(9101), None, false));
    }

    #[test]
    fn permissions_are_paths_of_privileges() {
        let read: Permissions = serde_json::from_str(r#"{"/vms/9101":{"VM.Audit":0}}"#).unwrap();
        assert!(read["/vms/9101"].contains_key("VM.Audit"));
    }
}
