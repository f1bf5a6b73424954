//! What may go wrong, naming the value, its holder and what to do.

use std::fmt;

use spec::ids::{CustomerId, MacAddr, Vmid};
use thiserror::Error;

use super::guest::{GuestId, GuestState};

/// Why the ledger did not do as asked. Nothing was written.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// Somebody else has, or had, the value.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The value belongs to a golden.
    #[error("{what} belongs to golden {golden}: no guest may hold it")]
    Forbidden {
        /// The kind and value, as a person may see it.
        what: String,
        /// The golden's name.
        golden: String,
    },
    /// One request names a value for two NICs.
    #[error("MAC address `{mac}` is asked for twice: give each NIC its own")]
    MacTwice {
        /// The address.
        mac: MacAddr,
    },
    /// No guest of that number.
    #[error("the ledger knows no guest {0}")]
    UnknownGuest(GuestId),
    /// A move that the table does not allow.
    #[error("guest {guest} is {from} and cannot become {to}")]
    IllegalMove {
        /// The guest.
        guest: GuestId,
        /// Where it is.
        from: GuestState,
        /// Where it should have gone.
        to: GuestState,
    },
    /// A run may only give back what it reserved itself.
    #[error("guest {guest} was reserved by run {owner}, not by run {run}")]
    NotOurs {
        /// The guest.
        guest: GuestId,
        /// The run that reserved it.
        owner: String,
        /// The run that asked.
        run: String,
    },
    /// Another agent works on the run by now.
    #[error("run {run} was taken over by another agent: fence {fence} is no longer the latest, nothing more is done")]
    TakenOver {
        /// The run.
        run: String,
        /// The number that is out of date.
        fence: u64,
    },
    /// Somebody shows an older document than one that was seen, or another one under its serial.
    #[error("{what} has serial {serial}, and {seen} was seen meanwhile: somebody shows an old one")]
    Rollback {
        /// The document.
        what: String,
        /// Its serial.
        serial: u64,
        /// The highest ever seen.
        seen: u64,
    },
    /// Nobody registered that customer.
    #[error("customer {0} is not registered: `reset-agent customers register` does it")]
    UnknownCustomer(CustomerId),
    /// A customer is registered with something else.
    #[error("customer {customer} is registered with {what} {stored}, not {asked}: delete the registration first")]
    CustomerDiffers {
        /// The customer.
        customer: CustomerId,
        /// What differs.
        what: &'static str,
        /// As it is registered.
        stored: String,
        /// As it was asked for.
        asked: String,
    },
    /// Another customer has the hostname or the collection.
    #[error("{what} belongs to customer {holder}: one customer, one hostname, one collection")]
    CustomerClash {
        /// What is taken.
        what: String,
        /// Whose it is.
        holder: String,
    },
    /// A registration is bound to a guest.
    #[error("customer {customer} is bound to guest {vmid}, whose secrets are still there: that guest goes first")]
    CustomerBound {
        /// The customer.
        customer: CustomerId,
        /// The guest.
        vmid: Vmid,
    },
    /// A customer's guest was not verified, or there is none.
    #[error("the guest of customer {customer} is {}, not active: the customer's status stays", .state.map_or("not there", GuestState::word))]
    GuestNotActive {
        /// The customer.
        customer: CustomerId,
        /// The guest's state.
        state: Option<GuestState>,
    },
    /// A row that this program cannot have written.
    #[error("the ledger's row of {what} is not understood: {why}")]
    BadRow {
        /// What the row is about.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The store itself failed.
    #[error("cannot {action}")]
    Storage {
        /// What was tried, as it fits "cannot …".
        action: &'static str,
        /// Why.
        source: sqlx::Error,
    },
}

/// A value that two guests would share.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} {tense} {holder}: {advice}", tense = if self.holder.state.is_live() { "belongs to" } else { "belonged to" }, advice = self.advice())]
pub struct Conflict {
    /// What kind of value, in words: `VMID`, `hostname`, `MAC address`.
    pub kind: String,
    /// The kind with its value, as a person may see it.
    pub what: String,
    /// Whose it is.
    pub holder: Holder,
    /// True if it stays taken when its holder is gone.
    pub for_ever: bool,
}

impl Conflict {
    fn advice(&self) -> &'static str {
        if self.for_ever { "it is never given to another guest, take a fresh one" } else { "choose another" }
    }
}

/// A guest, as far as naming it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its number in the ledger.
    pub guest: GuestId,
    /// Whom it is for.
    pub customer: CustomerId,
    /// Its number on the cluster.
    pub vmid: Vmid,
    /// Where it is in its life.
    pub state: GuestState,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "guest {} of customer `{}` ({})", self.vmid, self.customer, self.state)
    }
}

pub(super) fn storage(action: &'static str) -> impl Fn(sqlx::Error) -> LedgerError + Copy {
    move |source| LedgerError::Storage { action, source }
}
