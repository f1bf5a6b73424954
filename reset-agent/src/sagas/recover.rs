//! A customer's own backup becomes the customer's guest again. What it was known by is kept; only what somebody else
//! has by now is changed, and only where the request says so.
//!
//! | step | does | undo |
//! |---|---|---|
//! | resolve | the backup listed, no golden, its configuration admitted | – |
//! | reserve | the customer's row taken over, its names kept; the lost guest is proven to be gone | the row as it was |
//! | restore | stopped, link down, our mark in the description | stop, destroy, prove it is gone |
//! | reset | addresses and hostname written as chosen and read back | covered by restore |
//! | resize | absolute; skipped where the size fits | – |
//! | mount | its volumes, which came with the restore, are each there once | covered by restore |
//! | start | only while the original does not run: link up, start | stop |
//! | await | address, first boot done, host keys pinned, SSH | – |
//! | certify | its host keys certified by the fleet's host CA, where there is one | the serials are revoked |
//! | verify | everything that must be nobody else's, judged | quarantine |
//! | hold | rests here where the request asked for it | – |
//! | record | all identities and `active` in one ledger transaction | – |
//! | rotation | the checklist of what a person should change now | – |

use saga::Plan;

use crate::context::Context;
use crate::steps::{
    AwaitGuest, Certify, Examine, Hold, Mount, Record, Regain, Relink, Reset, Resize, Restore, Rotation, Verify,
};

/// The plan's name in journals.
pub const RECOVER: &str = "recover";

/// The plan. Its version rises whenever steps, their order or their outputs change.
pub fn recover() -> Plan<Context> {
    Plan::new(RECOVER, 2)
        .then(Examine)
        .then(Regain)
        .then(Restore)
        .then(Reset)
        .then(Resize)
        .then(Mount)
        .then(Relink)
        .then(AwaitGuest)
        .then(Certify)
        .then(Verify::RECOVERED)
        .then(Hold)
        .then(Record)
        .then(Rotation)
}
