//! A guest of the ledger is no more.
//!
//! | step | does |
//! |---|---|
//! | secrets | the customer's env file out of the guest, where it can be entered |
//! | remove | stop, destroy; absent from every node and its volumes gone, as the node itself says |
//! | forget | its host keys out of known_hosts |
//! | record | `destroyed` in the ledger, its identities retired |
//!
//! What is destroyed does not come back: no step has an undo. A run that fails leaves the guest live in the ledger,
//! where the next `destroy` finds it.

use saga::Plan;

use crate::context::Context;
use crate::steps::{Forget, Remove, Strike, WithdrawSecrets};

/// The plan's name in journals.
pub const DESTROY: &str = "destroy";

/// The plan. Its version rises whenever steps, their order or their outputs change.
pub fn destroy() -> Plan<Context> {
    Plan::new(DESTROY, 2).then(WithdrawSecrets).then(Remove).then(Forget).then(Strike)
}
