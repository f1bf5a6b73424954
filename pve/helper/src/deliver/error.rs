//! Why nothing was delivered.

use std::path::PathBuf;

use firstboot_unit::root::RootError;
use pve_host::process::CommandError;
use spec::ids::Vmid;

use super::guest_root::NoGuestRoot;
use super::places::FILE_CAP;
use crate::guest::ObserveError;
use crate::protocol::{Place, RefusalKind};

/// Why nothing, or not all, was delivered.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// A name that the place does not have.
    #[error("{name:?} is no file of the place {place:?}: it takes {}", names.join(", "))]
    Name {
        /// The place.
        place: Place,
        /// The name as given.
        name: String,
        /// Its names.
        names: &'static [&'static str],
    },
    /// A name given twice.
    #[error("{name} is given twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// A file that is too large.
    #[error("{name} has {bytes} bytes, and at most {FILE_CAP} are delivered")]
    TooBig {
        /// The name.
        name: String,
        /// Its size.
        bytes: usize,
    },
    /// Something stands on the way that could lead elsewhere.
    #[error("{path:?} in the guest is {found}: nothing was delivered")]
    Escape {
        /// The path, in the guest.
        path: PathBuf,
        /// What stands there.
        found: &'static str,
    },
    /// Somebody in the guest other than its root could change or read what is put there.
    #[error("{path:?} in the guest {why}: nothing was delivered")]
    Shared {
        /// The directory, in the guest.
        path: PathBuf,
        /// Who else.
        why: String,
    },
    /// Nobody to write as.
    #[error("nobody can write into guest {vmid}")]
    NoGuestRoot {
        /// The guest.
        vmid: Vmid,
        /// Why not.
        #[source]
        source: NoGuestRoot,
    },
    /// The node did not tell the guest's configuration.
    #[error("the node did not tell the configuration of guest {vmid}")]
    Configuration {
        /// The guest.
        vmid: Vmid,
        /// The program's failure.
        #[source]
        source: CommandError,
    },
    /// The guest could not be reached.
    #[error(transparent)]
    Guest(#[from] ObserveError),
    /// A file of the guest.
    #[error("the guest's files do not allow it")]
    Tree(#[from] RootError),
}

impl DeliverError {
    /// The sort of reason that is told to whom it concerns.
    pub fn kind(&self) -> RefusalKind {
        match self {
            Self::Escape { .. } | Self::Shared { .. } | Self::Name { .. } => RefusalKind::Escape,
            Self::Twice { .. } | Self::TooBig { .. } => RefusalKind::BadRequest,
            _ => RefusalKind::Failed,
        }
    }
}
