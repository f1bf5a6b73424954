//! The ledger held against the cluster: what differs is told, and written only where a person accepts it.
//!
//! Nothing is ever destroyed, on the node or here: a row is added, a value or a guest is retired, a name follows what
//! was seen; each with its reason in the audit log.
//!
//! | module | job |
//! |---|---|
//! | `sighting` | a guest as it was seen on the cluster; a guest as the ledger knows it |
//! | `difference` | in what they differ: pure |
//! | `accept` | what was accepted, written in one transaction |

mod accept;
mod difference;
mod sighting;

pub use accept::{Follow, Newcomer};
pub use difference::{Discrepancy, discrepancies};
pub use sighting::{Configured, Known, Sighted, is_steady};
