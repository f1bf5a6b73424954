//! A golden becomes a customer's guest.
//!
//! | step | does | undo |
//! |---|---|---|
//! | resolve | request → manifest, archive checked, its configuration admitted | – |
//! | reserve | node, customer, VMID, hostname and MACs in one ledger transaction | release |
//! | restore | born clean, from the archive or a warm golden: stopped, link down, our mark in the description | stop, destroy, prove it is gone |
//! | reset | every NIC and the hostname written and read back | covered by restore |
//! | resize | absolute; skipped where the size fits | – |
//! | mount | the further volumes that were asked for, each exactly once; skipped where there are none | covered by restore |
//! | issue | the machine-id, where the ledger draws it: told to the guest's init through its environment | covered by restore |
//! | start | link up, start; cannot be reached without the reset's proof | stop |
//! | await | address, first boot done, host keys pinned, SSH | – |
//! | certify | its host keys certified by the fleet's host CA, where there is one | the serials are revoked |
//! | verify | everything that must be the guest's own, judged | quarantine |
//! | withdraw | an issued machine-id taken out of the configuration again | – |
//! | hold | rests here where the request asked for it, until a person resumes or aborts | – |
//! | record | all identities and `active` in one ledger transaction | – |
//! | secrets | the customer's secrets into the verified guest; parks where they cannot be had | – |

use saga::Plan;

use crate::config::Purpose;
use crate::context::Context;
use crate::steps::{
    AwaitGuest, Certify, Hold, IssueMachineId, Mount, Record, ReserveFor, Reset, Resize, Resolve, Restore, Secrets,
    Start, Verify, WithdrawMachineId,
};

/// The plan's name in journals.
pub const PROVISION: &str = "provision";

/// The plan. Its version rises whenever steps, their order or their outputs change.
pub fn provision() -> Plan<Context> {
    handed_over(born(PROVISION, 5, Purpose::Customer).then(Certify)).then(Secrets)
}

/// From a golden to a guest that answers, under another name too, for plans that go on from here. The version is that
/// plan's.
pub(super) fn born(name: &'static str, version: u32, purpose: Purpose) -> Plan<Context> {
    Plan::new(name, version)
        .then(Resolve)
        .then(ReserveFor(purpose))
        .then(Restore)
        .then(Reset)
        .then(Resize)
        .then(Mount)
        .then(IssueMachineId)
        .then(Start)
        .then(AwaitGuest)
}

/// From one that answers to one that is recorded.
pub(super) fn handed_over(plan: Plan<Context>) -> Plan<Context> {
    plan.then(Verify::NEW).then(WithdrawMachineId).then(Hold).then(Record)
}
