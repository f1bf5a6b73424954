//! Renew: what the `firstboot` program does at every boot, before sshd.
//!
//! ```text
//!   facts (look) ──► plan (decide, pure) ──► act ──► marker ──► completion record
//! ```
//!
//! | marker | keys | then |
//! |---|---|---|
//! | none | none whole | a new guest: make all |
//! | none | whole | the unit is new here: adopt them, make what is missing |
//! | fits | whole | nothing: this is the guest that it was |
//! | fits | some missing or broken | make those |
//! | another guest's | any | a clone: make all, and end what else it brought along |
//!
//! Whole keys of a guest whose marker fits are never changed: a recovered guest keeps the keys that its users know.

mod act;
mod facts;
mod plan;
mod programs;
mod run;
mod status;

pub use act::ActError;
pub use facts::{Facts, SeenKey, Snakeoil, look};
pub use plan::{Plan, Reason, Work, decide};
pub use programs::{GuestPrograms, KeyRequest, NewKey, ProgramError, Programs};
pub use run::boot;
pub use status::{BootState, BootStatus, STATUS, StatusError, read_status};
