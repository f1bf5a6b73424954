//! What is asked for, and who does it.

use serde::{Deserialize, Serialize};
use spec::ids::Vmid;

use super::{delete, rollback, take};
use crate::error::Die;
use crate::ops::Op;

/// A snapshot, and what is to become of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SnapshotRequest {
    /// The guest.
    pub vmid: Vmid,
    /// The snapshot's name.
    pub name: String,
    /// What is to be done.
    pub what: SnapshotWork,
}

/// What is to be done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum SnapshotWork {
    /// Keep the guest as it is now.
    Take {
        /// What the snapshot is for.
        description: Option<String>,
    },
    /// Let it go.
    Delete {
        /// Whether it goes even where its disks' snapshots do not.
        force: bool,
    },
    /// Make the guest what it was.
    RollBack {
        /// Whether the guest is started afterwards.
        start: bool,
    },
}

impl SnapshotRequest {
    /// The task's type.
    pub fn kind(&self) -> &'static str {
        match self.what {
            SnapshotWork::Take { .. } => "vzsnapshot",
            SnapshotWork::Delete { .. } => "vzdelsnapshot",
            SnapshotWork::RollBack { .. } => "vzrollback",
        }
    }
}

/// The work.
pub(in crate::ops) fn run(op: &Op<'_>, request: &SnapshotRequest) -> Result<(), Die> {
    let (vmid, name) = (request.vmid, request.name.as_str());
    match &request.what {
        SnapshotWork::Take { description } => take::take(op, vmid, name, description.as_deref()),
        SnapshotWork::Delete { force } => delete::delete(op, vmid, name, *force),
        SnapshotWork::RollBack { start } => rollback::roll_back(op, vmid, name, *start),
    }
}
