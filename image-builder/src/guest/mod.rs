//! The build guest.
//!
//! A guest that outlives its build is a container that nobody knows of, with keys and logs in it. So: a [`Record`]
//! with the number and the build's nonce is on disk before the guest is made; the nonce is in the guest's description
//! from birth; a [`BuildGuest`] that goes out of scope destroys its guest and then the record. What a killed build
//! left is found by its record ([`sweep`]) and removed by the next build, only if its description still carries the
//! nonce: a customer's guest that got the number in between is not touched.

mod build_guest;
mod inside;
mod mark;
mod mounted;
mod process;
mod record;
mod sweep;

pub use build_guest::{BuildGuest, CreateError};
pub use inside::{Inside, InsideError};
pub use mounted::{MountError, MountedGuest};
pub use process::ProcessId;
pub use record::{Record, RecordError, Records};
pub use sweep::{Leftover, sweep};
