//! Old releases go, those that somebody may still need stay.
//!
//! | module | what it is |
//! |---|---|
//! | `plan` | which ones, decided from facts alone |
//! | `needed` | who still needs a release: channels, protection, guests |
//!
//! A release goes as [`crate::dump`] discards it: its manifest first, so that half a removal is no release.

mod needed;
mod plan;

pub use needed::{Needed, NeededError};
pub use plan::{Candidate, Decision, Keep, plan};
