//! Preflight: whether the node can carry a build, asked before anything is made.
//!
//! | module | what it is |
//! |---|---|
//! | `look` | what there is: storages with their content types and room, memory, VMIDs, names that resolve |
//! | `judge` | a recipe against that: each precondition with its verdict; pure |
//! | `check` | both, and the refusal |
//!
//! Preconditions are *required* (nothing is begun without them) or *deferred*: facts outside of the node that only the
//! way to the end needs. A missing deferred one is told, and recorded in the manifest.

mod check;
mod judge;
mod look;

pub use check::PreflightError;
pub(crate) use check::check;
