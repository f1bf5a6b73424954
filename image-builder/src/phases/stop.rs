//! Stop: the guest is shut down, so that nothing rewrites what the strip takes away.

use std::time::Duration;

use pve_host::process::CommandError;

use super::check::Checked;
use crate::dossier::Dossier;
use crate::guest::ScratchGuest;
use crate::workshop::Workshop;

/// How long services may take to end before they are killed.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(90);

/// A build guest that does not run any more.
pub struct Stopped<'w> {
    pub(super) guest: ScratchGuest<'w>,
    pub(super) dossier: Dossier,
}

/// Why it runs on.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// The node did not stop it, or does not say whether.
    #[error("cannot shut the build guest down")]
    Node(#[from] CommandError),
    /// The node says that it is done, but the guest runs.
    #[error("the build guest still runs after its shutdown")]
    StillRunning,
}

impl<'w> Stopped<'w> {
    /// The guest alone.
    pub(crate) fn into_guest(self) -> ScratchGuest<'w> {
        self.guest
    }

    /// Shuts the guest down and makes sure of it.
    pub fn from(workshop: &'w Workshop<'w>, checked: Checked<'w>) -> Result<Self, StopError> {
        let Checked { guest, dossier } = checked;
        let pct = workshop.host.pct();
        pct.shutdown(guest.vmid(), SHUTDOWN_LIMIT, true)?;
        if pct.status(guest.vmid())?.is_running() {
            return Err(StopError::StillRunning);
        }
        Ok(Self { guest, dossier })
    }
}
