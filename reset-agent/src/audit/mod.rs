//! The fleet audited: what every guest of the node is known by is collected, judged, and shown.
//!
//! | module | job |
//! |---|---|
//! | [`collect`](mod@collect) | guests → what was seen: configuration and addresses by REST, the tree by the helper |
//! | [`goldens`] | the values that belong to goldens: the ledger's and the manifests' |
//! | `fleet` | all of it, one after the other |
//! | [`report`](mod@report) | what was seen → report |
//! | [`render`] | a report as a table |
//!
//! The judgement itself is [`spec::audit::Judge`]: pure, the same wherever sightings come from.

pub mod collect;
mod fleet;
pub mod goldens;
pub mod render;
pub mod report;

pub use collect::{Looked, collect};
pub use fleet::{AuditError, of_fleet};
pub use report::report;
