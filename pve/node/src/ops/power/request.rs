//! What is asked for, and who does it.

use serde::{Deserialize, Serialize};
use spec::ids::Vmid;

use super::{checkpoint, start, stop};
use crate::error::Die;
use crate::ops::Op;

/// A guest, and what is to become of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PowerRequest {
    /// The guest.
    pub vmid: Vmid,
    /// What is to be done.
    pub what: Power,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Power {
    /// Start it.
    Start {
        /// Whether a lock in the configuration is passed over.
        skip_lock: bool,
        /// Whether LXC tells everything.
        debug: bool,
    },
    /// End it at once.
    Stop {
        /// Whether a lock in the configuration is passed over.
        skip_lock: bool,
        /// Whether shutdowns that still run are aborted first.
        overrule: bool,
    },
    /// Ask it to shut down.
    Shutdown {
        /// How long it may take, seconds.
        timeout: u64,
        /// Whether it is ended when it takes longer.
        force_stop: bool,
    },
    /// Shut it down and start it again.
    Reboot {
        /// How long the shutdown may take before the guest is ended, seconds; a minute unless it is given.
        timeout: Option<u64>,
    },
    /// Freeze it into files.
    Suspend,
    /// Thaw it from files.
    Resume,
}

impl PowerRequest {
    /// An ordinary start.
    pub fn start(vmid: Vmid) -> Self {
        Self { vmid, what: Power::Start { skip_lock: false, debug: false } }
    }

    /// Whether it is a start.
    pub fn is_start(&self) -> bool {
        matches!(self.what, Power::Start { .. })
    }

    /// The task's type.
    pub fn kind(&self) -> &'static str {
        match self.what {
            Power::Start { .. } => "vzstart",
            Power::Stop { .. } => "vzstop",
            Power::Shutdown { .. } => "vzshutdown",
            Power::Reboot { .. } => "vzreboot",
            Power::Suspend => "vzsuspend",
            Power::Resume => "vzresume",
        }
    }
}

/// The work.
pub(in crate::ops) fn run(op: &Op<'_>, request: &PowerRequest) -> Result<(), Die> {
    let vmid = request.vmid;
    match request.what {
        Power::Start { skip_lock, debug } => start::start(op, vmid, skip_lock, debug),
        Power::Stop { skip_lock, overrule } => stop::stop(op, vmid, skip_lock, overrule),
        Power::Shutdown { timeout, force_stop } => stop::shutdown(op, vmid, timeout, force_stop),
        Power::Reboot { timeout } => stop::reboot(op, vmid, timeout),
        Power::Suspend => checkpoint::suspend(op, vmid),
        Power::Resume => checkpoint::resume(op, vmid),
    }
}
