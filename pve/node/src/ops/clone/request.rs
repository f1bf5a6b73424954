//! What is asked for, and what follows from it.

use pve_wire::api::Params;
use serde::{Deserialize, Serialize};
use spec::ids::Vmid;

/// A clone call's parameters.
#[derive(Debug, Clone)]
pub struct CloneRequest {
    /// The guest that is copied.
    pub vmid: Vmid,
    /// The guest to be.
    pub newid: Vmid,
    /// Its name; the copied one's where none is given.
    pub hostname: Option<String>,
    /// Its description; the copied one's where none is given.
    pub description: Option<String>,
    /// The snapshot that is copied instead of the guest as it is.
    pub snapname: Option<String>,
    /// Where full copies go; each to its original's storage where none is given.
    pub storage: Option<String>,
    /// Whether disks are copied rather than linked; a template's are linked where nothing is said.
    pub full: Option<bool>,
    /// The pool that the copy joins.
    pub pool: Option<String>,
    /// The node that the copy goes to.
    pub target: Option<String>,
    /// How much may be copied in a second, KiB.
    pub bwlimit: Option<String>,
}

impl CloneRequest {
    /// What a call's checked parameters ask for.
    pub fn of(vmid: Vmid, newid: Vmid, params: &Params) -> Self {
        Self {
            vmid,
            newid,
            hostname: params.owned("hostname"),
            description: params.owned("description"),
            snapname: params.owned("snapname"),
            storage: params.owned("storage"),
            full: params.optional_flag("full"),
            pool: params.owned("pool"),
            target: params.owned("target"),
            bwlimit: params.owned("bwlimit"),
        }
    }
}

/// Something that a clone takes and that the caller must be allowed to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need<'a> {
    /// Room on a storage.
    Storage(&'a str),
    /// A NIC's place on its bridge: the NIC as configured.
    Net(&'a str),
}

/// What the task has to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CloneJob {
    /// The guest that is copied.
    pub vmid: Vmid,
    /// The guest to be.
    pub newid: Vmid,
    /// The snapshot that is copied.
    pub snapname: Option<String>,
    /// Where full copies go.
    pub storage: Option<String>,
    /// The node that the copy goes to, where it is another.
    pub target: Option<String>,
    /// The pool that the copy joins.
    pub pool: Option<String>,
    /// How much may be copied in a second, KiB.
    pub bwlimit: Option<String>,
    /// Whether the copied guest ran when the call was accepted.
    pub running: bool,
    /// Its disks.
    pub disks: Vec<ClonedDisk>,
}

/// A disk to be copied.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClonedDisk {
    /// `rootfs` or `mpN`.
    pub key: String,
    /// The original as configured.
    pub mount: String,
    /// Whether it is copied rather than linked.
    pub full: bool,
}
