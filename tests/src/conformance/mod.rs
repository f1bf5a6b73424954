//! Proxmox's recorded answers played against a node (`make conformance`).
//!
//! - [`script`]: the scenario files of `tests/conformance/`, read.
//! - [`crafted`]: archives that nobody's vzdump makes.
//! - [`pattern`]: what an answer may look like.
//! - [`target`]: the embedded node or one that is there already.
//! - [`play`]: the steps, the verdicts, the table, the removal.

mod crafted;
mod pattern;
mod play;
mod run;
mod script;
mod target;

pub use play::Tally;
pub use run::run;
pub use target::Options;
