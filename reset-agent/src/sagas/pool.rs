//! Guests provisioned ahead, and handed over.
//!
//! `stock` is `provision` for nobody yet, with one step more: the verified guest waits in the pool.
//!
//! | step of `claim` | does | undo |
//! |---|---|---|
//! | reserve | one guest of the pool for one customer, in one ledger transaction, with its new hostname | as `restore`; nobody gets it any more |
//! | resolve | what it was made from, as its own run resolved it; refused where that was withdrawn meanwhile | – |
//! | restore | this run's mark in its description; stopped | stop, destroy, prove it is gone |
//! | reset … secrets | as in `provision`: its address and its new name written and read back, started, verified, recorded | as there |

use saga::Plan;

use super::provision::{born, handed_over};
use crate::config::Purpose;
use crate::context::Context;
use crate::steps::{Adopt, AwaitGuest, Certify, Hold, Recall, Record, Reset, Secrets, Shelve, Start, Take, Verify};

/// The name of the plan that fills the pool, in journals.
pub const STOCK: &str = "stock";
/// The name of the plan that hands a pool guest over, in journals.
pub const CLAIM: &str = "claim";

/// The plan that fills the pool. Its version rises whenever steps, their order or their outputs change, and with
/// `provision`'s.
pub fn stock() -> Plan<Context> {
    // The name that it gets with its customer is the one to be certified.
    handed_over(born(STOCK, 4, Purpose::Pool)).then(Shelve)
}

/// The plan that hands a pool guest over. Its version rises whenever steps, their order or their outputs change.
pub fn claim() -> Plan<Context> {
    Plan::new(CLAIM, 3)
        .then(Take)
        .then(Recall)
        .then(Adopt)
        .then(Reset)
        .then(Start)
        .then(AwaitGuest)
        .then(Certify)
        .then(Verify::NEW)
        .then(Hold)
        .then(Record)
        .then(Secrets)
}
