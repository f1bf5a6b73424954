//! The calls, a resource per file. Each is one row of the API's table, built from it and checked against it.

mod backup;
mod clone;
mod cluster;
mod config;
mod content;
mod create;
mod guests;
mod power;
mod restore;
mod snapshots;
mod storage;
mod tasks;

pub use backup::{Backup, BackupMode, Compression};
pub use clone::CloneOf;
pub use config::{BadNets, ConfigChange, config_nets};
pub use create::Create;
pub use guests::interface_addresses;
pub use restore::Restore;
pub use tasks::{LogPage, TaskFilter};

use pve_wire::Upid;
use serde::{Deserialize, Deserializer};

/// The task behind an answer that need not name one: Proxmox answers some calls with null, and an empty backup with
/// `OK`.
struct MaybeTask(Option<Upid>);

impl<'de> Deserialize<'de> for MaybeTask {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        match Option::<String>::deserialize(input)?.as_deref() {
            None | Some("" | "OK") => Ok(Self(None)),
            Some(text) => text.parse().map(|upid| Self(Some(upid))).map_err(serde::de::Error::custom),
        }
    }
}
