//! The build guest.
//!
//! A guest that outlives its build is a container that nobody knows of, with keys and logs in it. So: a [`Record`]
//! with the number and the build's nonce is on disk before the guest is made; the nonce is in the guest's description
//! from birth; a [`BuildGuest`] that goes out of scope destroys its guest and then the record. What a killed build
//! left is found by its record ([`mod@sweep`]) and removed by the next build, only if its description still carries the
//! nonce: a customer's guest that got the number in between is not touched. An archive has a record of its own from the
//! moment that vzdump names it until it is a release.

mod build_guest;
mod inside;
mod mark;
mod mounted;
mod record;
mod sweep;

pub use build_guest::{BuildGuest, CreateError};
pub use inside::{Inside, InsideError};
pub use mounted::{MountError, MountedGuest};
pub use record::{Record, RecordError, Records, Thing};
pub use sweep::{Leftover, sweep};
