//! A golden becomes a template that guests are cloned from.
//!
//! | step | does | undo |
//! |---|---|---|
//! | resolve, reserve, restore, reset | as for a customer's guest, always from the archive | as there |
//! | convert | the reset guest, never started, becomes a template; the ledger knows it by its release | nothing is cloned from it |

use saga::Plan;

use crate::config::Purpose;
use crate::context::Context;
use crate::steps::{Convert, ReserveFor, Reset, Resolve, Restore};

/// The plan's name in journals.
pub const WARM: &str = "warm";

/// The plan. Its version rises whenever steps, their order or their outputs change.
pub fn warm() -> Plan<Context> {
    Plan::new(WARM, 1).then(Resolve).then(ReserveFor(Purpose::Warm)).then(Restore).then(Reset).then(Convert)
}
