//! Which golden a request means, and whether it may be restored.
//!
//! | module | job |
//! |---|---|
//! | [`reference`](mod@reference) | what `--golden` says: a channel, a release, a manifest's path, or a volume id |
//! | [`shelf`] | the manifests that the agent can see, and the choice among them |
//! | [`trust`] | whose word counts, and whether it is the newest |
//! | [`admitting`] | the same with what the ledger has seen: for a command, for a step |
//! | [`digest`] | the archive's bytes against the manifest, where they can be seen |
//! | [`warm`] | a template made of a golden: whether guests may be cloned from it |
//! | [`warming`] | templates looked at and removed |
//! | [`admission`] | the archive's own configuration: what a customer's guest must not inherit |

pub mod admission;
pub mod admitting;
pub mod digest;
pub mod reference;
pub mod shelf;
pub mod trust;
pub mod warm;
pub mod warming;

pub use admission::{Admitted, Inadmissible, admit, admit_backup};
pub use reference::GoldenRef;
pub use shelf::{ShelfError, Shelved};
