//! The steps of the plans, one per file: run, undo, and what each leaves for the later ones.

mod await_guest;
mod born;
mod convert;
mod forget;
mod hold;
mod pins;
mod present;
mod proof;
mod record;
mod remove;
mod reserve;
mod reset;
mod resize;
mod resolve;
mod restore;
mod source;
mod start;
mod strike;
mod verify;

pub use await_guest::{AwaitGuest, Reached, SshProof};
pub use convert::{Convert, Converted};
pub use forget::Forget;
pub use hold::Hold;
pub use present::Looked;
pub use proof::{NotReset, ProvenReset};
pub use record::{Record, Recorded};
pub use remove::Remove;
pub use reserve::{Names, Reserve};
pub use reset::Reset;
pub use resize::Resize;
pub use resolve::{Golden, Release, Resolve};
pub use restore::{Restore, Restored};
pub use source::{Source, inspect};
pub use start::Start;
pub use strike::Strike;
pub use verify::{Verified, Verify};
