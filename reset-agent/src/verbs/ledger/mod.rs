//! The ledger held against the cluster.
//!
//! | module | job |
//! |---|---|
//! | `look` | what the cluster shows of its guests, by REST and by the helper |
//! | `rebuild` | the differences told; those that were accepted, written |

mod look;
mod rebuild;

pub use rebuild::{Rebuilt, rebuild};
