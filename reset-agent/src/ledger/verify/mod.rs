//! Whether the ledger is whole: what its constraints and its code promise, looked up row by row.
//!
//! The database enforces most of it as long as nobody edits it by hand, restores half of it, or loses an index. Here
//! nothing is taken for granted: each check reads the rows themselves, all of them at one instant.
//!
//! | module | job |
//! |---|---|
//! | `verification` | the checks' results; the order they come in |
//! | `database` | what the database says of itself: its integrity, the indexes that keep holders apart |
//! | `laws` | what one statement can find: two holders, dangling references, states that no run leads to |
//! | `identities` | kinds, tenures, digests, goldens' values |
//! | `journal` | every run's records make a run, and every live guest has one |
//! | `chain` | the audit log |

mod chain;
mod database;
mod identities;
mod journal;
mod laws;
mod verification;

pub use verification::{Checked, Verification};

pub(super) use verification::examine;
