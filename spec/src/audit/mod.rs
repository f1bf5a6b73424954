//! A fleet judged: every shared identity, where it came from, how far it reaches and what follows.
//!
//! Guests and what was seen of them go into a [`Judge`] one by one, from whatever source; a report comes out. Nothing
//! here reads a file, asks a node or knows what time it is.
//!
//! | module | job |
//! |---|---|
//! | `holder` | who can hold an identity: guests, templates, backups |
//! | `sighting` | what a look gave: a value and its source, or why there is none |
//! | `host_key`, `derived` | what public keys and DHCP identities tell by their form |
//! | `subject` | what is compared and by which rule: the catalog's unique rows |
//! | `weak` | values that are worth little: placeholders, weak and misdated keys |
//! | `names`, `roster`, `print`, `seen` | a fleet in little memory |
//! | `judge` | the streaming pass |
//! | `sharing`, `fold`, `reach`, `origin` | values with several holders → findings |
//! | `batch_gcd`, `primes` | RSA keys that share a prime |
//! | `verdict` | all of it → the report |
//! | `exception` | findings that somebody answers for |
//! | `history` | since when, and is it back |
//! | `diff` | what two reports differ in |

pub mod batch_gcd;
mod derived;
mod diff;
mod exception;
mod fold;
mod history;
mod holder;
mod host_key;
mod judge;
mod names;
mod origin;
mod policy;
mod primes;
mod print;
mod reach;
mod roster;
mod seen;
mod sharing;
mod sighting;
mod subject;
#[cfg(test)]
mod tests;
mod verdict;
mod weak;

pub use derived::parent_of_duid;
pub use diff::{AuditDiff, Change, diff};
pub use exception::{Exceptions, ExceptionsError};
pub use history::History;
pub use holder::{Ancestry, GuestKind, GuestState, Holder, Nic};
pub use host_key::KeyFacts;
pub use judge::Judge;
pub use policy::Policy;
pub use roster::HolderId;
pub use sighting::{Area, KEYED, Parent, Place, Sighting, Source, Unread, confidential, hidden};
pub use subject::NameScope;

use crate::report::Class;

/// The name of a finding: the same in every audit that finds it.
pub(crate) fn finding_id(class: Class, kind: &str, value: &str) -> String {
    print::Print::of(class.id(), Some(kind), value).name()
}
