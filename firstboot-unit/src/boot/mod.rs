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
//! What else a new guest or a clone lacks, and what no program makes again by itself, is made with the keys: see
//! [`mod@renew`].
//!
//! Where somebody asked for it through the hypervisor, the guest at last signs what it is: see [`mod@attest`].
//!
//! Whole keys of a guest whose marker fits are never changed: a recovered guest keeps the keys that its users know.

mod act;
mod again;
mod attest;
mod facts;
mod plan;
mod programs;
mod renew;
mod run;
mod status;

pub use act::ActError;
pub use again::renew;
pub use attest::read_attestation;
pub use facts::{Facts, SeenKey, Snakeoil, look};
pub(crate) use plan::MADE_ELSEWHERE;
pub use plan::{Plan, Reason, Renewal, Work, decide};
pub use programs::{GuestPrograms, KeyRequest, NewKey, ProgramError, ProgramRun, Programs};
pub use run::boot;
use run::chain;
pub use status::{BootState, BootStatus, STATUS, StatusError, read_status};
