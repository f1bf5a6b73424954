//! Moving a guest's volume: its content to another storage, or the volume itself to another guest.

mod to_guest;
mod to_storage;

use serde::{Deserialize, Serialize};
use spec::pct::{MountPoint, PctConf};

pub use to_guest::{Reassign, admit as admit_to_guest};
pub use to_storage::{Relocate, admit as admit_to_storage, forget};

use super::Op;
use crate::error::Die;

/// What is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum MoveVolume {
    /// Its content goes to another storage.
    ToStorage(Relocate),
    /// It goes to another guest.
    ToGuest(Reassign),
}

impl MoveVolume {
    /// What the task works on, as it stands in its UPID.
    pub fn id(&self) -> String {
        match self {
            Self::ToStorage(request) => request.vmid.to_string(),
            Self::ToGuest(Reassign { vmid, volume, target, target_volume, .. }) => {
                format!("{vmid}-{volume}>{target}-{target_volume}")
            }
        }
    }
}

/// The work.
pub(super) fn run(op: &Op<'_>, request: &MoveVolume) -> Result<(), Die> {
    match request {
        MoveVolume::ToStorage(request) => to_storage::run(op, request),
        MoveVolume::ToGuest(request) => to_guest::run(op, request),
    }
}

/// The mount point or unused volume under a key; none where the key is not there.
fn volume_of(conf: &PctConf, key: &str) -> Result<Option<MountPoint>, Die> {
    let Some(text) = conf.get(key) else { return Ok(None) };
    let parsed = match key {
        "rootfs" => MountPoint::parse_rootfs(text),
        _ if is_unused(key) => MountPoint::parse_unused(text),
        _ => MountPoint::parse_mp(text),
    };
    parsed.map(Some).map_err(|error| Die::text(error.pve_text()))
}

fn is_unused(key: &str) -> bool {
    key.starts_with("unused")
}

/// Whether a snapshot mounts a volume.
fn in_a_snapshot(conf: &PctConf, volume: &str) -> Result<bool, Die> {
    for section in conf.snapshots().values() {
        if super::snapshot::in_use(section, volume)? {
            return Ok(true);
        }
    }
    Ok(false)
}
