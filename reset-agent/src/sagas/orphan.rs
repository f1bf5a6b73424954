//! A guest that came to be after its run was undone is no more.
//!
//! | step | does |
//! |---|---|
//! | remove | looked at once more; destroyed, never stopped; its volumes gone, as the node itself says |
//!
//! The ledger has nothing of it: its row was released when its run was undone.

use saga::Plan;

use crate::context::Context;
use crate::steps::Sweep;

/// The plan's name in journals.
pub const ORPHAN: &str = "orphan";

/// The plan. Its version rises whenever steps, their order or their outputs change.
pub fn orphan() -> Plan<Context> {
    Plan::new(ORPHAN, 1).then(Sweep)
}
