//! Why the helper did not do it.

use std::io;
use std::path::PathBuf;

use serde::Deserialize;
use spec::ids::Vmid;

use super::ask::DEADLINE;

/// Why the helper did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum HelperError {
    /// It cannot be reached.
    #[error("the helper at {socket} cannot be reached: is `mintmark-helper serve` running, and may this user use it?")]
    Unreachable {
        /// Its socket.
        socket: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It did not answer in time.
    #[error("the helper at {socket} did not answer within {} s", DEADLINE.as_secs())]
    Silent {
        /// Its socket.
        socket: PathBuf,
    },
    /// It said no.
    #[error("the helper cannot {verb} guest {vmid}: {why}")]
    Refused {
        /// What it was asked to do.
        verb: &'static str,
        /// The guest.
        vmid: Vmid,
        /// The sort of reason.
        kind: RefusalKind,
        /// Its words.
        why: String,
    },
    /// It was not asked: the agent may not change anything any more.
    #[error("nothing was put into guest {vmid}: {why}")]
    Withheld {
        /// The guest.
        vmid: Vmid,
        /// Why not.
        why: String,
    },
    /// It said something else.
    #[error("the helper's answer about guest {vmid} is not understood")]
    Unreadable {
        /// The guest.
        vmid: Vmid,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
}

/// The sort of reason for a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    /// The request is none that it understands.
    BadRequest,
    /// This user may not ask.
    Forbidden,
    /// It did not finish in time; it may be asked again.
    Busy,
    /// Something in the guest would lead a delivery elsewhere; nothing was written.
    Escape,
    /// It could not be done.
    Failed,
    /// A reason that this program does not know.
    #[serde(other)]
    Unknown,
}
