//! The fleet audited: what every guest of the node is known by is collected, judged, and shown.
//!
//! | module | job |
//! |---|---|
//! | [`collect`](mod@collect) | guests → facts: configuration and addresses by REST, the tree by the helper |
//! | [`goldens`] | the values that belong to goldens: the ledger's and the manifests' |
//! | `fleet` | all of it, one after the other |
//! | [`report`](mod@report) | facts → report |
//! | [`render`] | a report as a table |
//!
//! The judgement itself is [`spec::identity::judge_fleet`]: pure, the same wherever facts come from.

pub mod collect;
mod fleet;
pub mod goldens;
pub mod render;
pub mod report;

pub use collect::collect;
pub use fleet::{AuditError, of_fleet};
pub use report::report;
