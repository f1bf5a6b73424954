//! A task's work as a value, and the way from the value to the work.

use serde::{Deserialize, Serialize};
use spec::ids::{Vmid, Volid};

use super::clone::CloneJob;
use super::destroy::{self, DestroyRequest};
use super::move_volume::{self, MoveVolume};
use super::power::{self, PowerRequest};
use super::snapshot::{self, SnapshotRequest};
use super::{CopyRequest, NewGuestRequest, VzdumpRequest};
use super::{clone, copy, new_guest, resize, template, volumes, vzdump};
use crate::access::{AccountStore, Principal};
use crate::error::Die;
use crate::state::{GuestFile, Node, locks};
use crate::tasks::TaskLog;

/// What a task does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Job {
    /// Makes a guest from a template or a backup.
    NewGuest(Box<NewGuestRequest>),
    /// Makes a guest from another one.
    Clone(CloneJob),
    /// Starts or ends a guest.
    Power(PowerRequest),
    /// Removes a guest with its volumes.
    Destroy(DestroyRequest),
    /// Grows a disk.
    Resize(resize::ResizeRequest),
    /// Makes a guest a template.
    Template {
        /// The guest.
        vmid: Vmid,
    },
    /// Keeps, lets go or brings back what a guest was.
    Snapshot(SnapshotRequest),
    /// Moves a volume.
    MoveVolume(MoveVolume),
    /// Backs guests up.
    Vzdump(VzdumpRequest),
    /// Copies a file into a guest or out of it.
    Copy(CopyRequest),
    /// Removes a volume.
    FreeVolume {
        /// The volume.
        volid: Volid,
    },
    /// Copies a volume.
    CopyVolume {
        /// The volume.
        from: Volid,
        /// What the copy is called.
        to: Volid,
    },
    /// Removes the backups that a retention rule does not cover.
    PruneBackups {
        /// Where they lie.
        storage: String,
        /// The rule; none: the storage's own.
        rule: Option<String>,
        /// The only guest whose backups are meant.
        vmid: Option<Vmid>,
        /// The only type of guest that is meant.
        kind: Option<String>,
    },
}

impl Job {
    /// The task's type.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NewGuest(request) if request.restore => "vzrestore",
            Self::NewGuest(_) => "vzcreate",
            Self::Clone(_) => "vzclone",
            Self::Power(request) => request.kind(),
            Self::Destroy(_) => "vzdestroy",
            Self::Resize(_) => "resize",
            Self::Template { .. } => "vztemplate",
            Self::Snapshot(request) => request.kind(),
            Self::MoveVolume(_) => "move_volume",
            Self::Vzdump(_) => "vzdump",
            Self::Copy(request) if request.into => "push_file",
            Self::Copy(_) => "pull_file",
            Self::FreeVolume { .. } => "imgdel",
            Self::CopyVolume { .. } => "imgcopy",
            Self::PruneBackups { .. } => "prunebackups",
        }
    }

    /// Whether the task reads what its caller was given on standard input.
    pub fn reads_stdin(&self) -> bool {
        matches!(self, Self::NewGuest(request) if request.from_stdin())
    }

    /// What the task works on, as it stands in its UPID.
    pub fn id(&self) -> String {
        match self {
            Self::NewGuest(request) => request.vmid.to_string(),
            Self::Clone(request) => request.vmid.to_string(),
            Self::Resize(request) => request.vmid.to_string(),
            Self::Copy(request) => request.vmid.to_string(),
            Self::Power(request) => request.vmid.to_string(),
            Self::Destroy(request) => request.vmid.to_string(),
            Self::Template { vmid } => vmid.to_string(),
            Self::Snapshot(request) => request.vmid.to_string(),
            Self::MoveVolume(request) => request.id(),
            Self::Vzdump(request) => match request.vmids.as_slice() {
                [one] => one.to_string(),
                _ => String::new(),
            },
            Self::FreeVolume { volid } => volumes::task_id(volid),
            Self::CopyVolume { .. } => String::new(),
            Self::PruneBackups { storage, vmid, .. } => match vmid {
                Some(vmid) => format!("{vmid}@{storage}"),
                None => storage.clone(),
            },
        }
    }
}

/// What every operation has at hand.
#[derive(Clone, Copy)]
pub struct Op<'a> {
    /// The node.
    pub node: &'a Node,
    /// The task's log.
    pub log: &'a TaskLog,
    /// Who asked.
    pub auth_id: &'a str,
}

impl Op<'_> {
    /// One line for the log.
    pub fn line(&self, text: &str) {
        self.log.line(text);
    }

    /// One line of a backup's log.
    pub fn info(&self, text: &str) {
        self.line(&format!("INFO: {text}"));
    }

    /// Takes the guest's lock.
    pub fn lock(&self, vmid: Vmid) -> Result<locks::Held, Die> {
        locks::acquire(&self.node.layout.lock(vmid), locks::PATIENCE, &|text| self.line(text))
    }

    /// The guest's configuration, refused when it bears a lock other than those in `tolerated`.
    pub fn unlocked(&self, vmid: Vmid, tolerated: &[&str]) -> Result<GuestFile, Die> {
        let guest = self.node.guests().read(vmid)?;
        guest.refuse_locked(tolerated)?;
        Ok(guest)
    }

    /// Who asked, with what was granted to them.
    pub fn principal(&self) -> Result<Principal, Die> {
        AccountStore::new(&self.node.layout).principal(self.auth_id)
    }
}

/// Does the work.
pub fn run(job: &Job, op: &Op<'_>) -> Result<(), Die> {
    match job {
        Job::NewGuest(request) => new_guest::run(op, request),
        Job::Clone(request) => clone::run(op, request),
        Job::Power(request) => power::run(op, request),
        Job::Destroy(request) => destroy::run(op, request),
        Job::Resize(request) => resize::run(op, request),
        Job::Template { vmid } => template::run(op, *vmid),
        Job::Snapshot(request) => snapshot::run(op, request),
        Job::MoveVolume(request) => move_volume::run(op, request),
        Job::Vzdump(request) => vzdump::run(op, request),
        Job::Copy(request) => copy::run(op, request),
        Job::FreeVolume { volid } => volumes::free(op, volid),
        Job::CopyVolume { from, to } => volumes::copy(op, from, to),
        Job::PruneBackups { storage, rule, vmid, kind } => {
            volumes::prune(op, storage, rule.as_deref(), *vmid, kind.as_deref())
        }
    }
}
