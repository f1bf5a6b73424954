//! Scratch guests: the one that is built in, and the twins of a drill.
//!
//! A guest that outlives its work is a container that nobody knows of, with keys and logs in it. So: a [`Record`]
//! with the number and a nonce is on disk before the guest is made; the nonce is in the guest's description from birth;
//! a [`ScratchGuest`] that goes out of scope destroys its guest and then the record. What a killed build or drill left
//! is found by its record ([`mod@sweep`]) and removed by the next one, only if its description still carries the nonce: a customer's guest that got the number in between is not touched. An archive has a record of its own from the
//! moment that vzdump names it until it is a release.

mod inside;
mod mark;
mod mounted;
mod record;
mod scratch;
mod sweep;
mod system;

pub use inside::{Inside, InsideError};
pub use mounted::{MountError, MountedGuest};
pub use record::{Record, RecordError, Records, Thing};
pub use scratch::{CreateError, ScratchGuest, Site, Source};
pub use sweep::{Leftover, sweep};
pub(crate) use system::{SystemState, failed_units, system_state};
