//! Which golden a request means, and whether it may be restored.
//!
//! | module | job |
//! |---|---|
//! | [`reference`](mod@reference) | what `--golden` says: a manifest's path, a volume id, or a name |
//! | [`shelf`] | the manifests that the agent can see, and the choice among them |
//! | [`digest`] | the archive's bytes against the manifest, where they can be seen |
//! | [`admission`] | the archive's own configuration: what a customer's guest must not inherit |

pub mod admission;
pub mod digest;
pub mod reference;
pub mod shelf;

pub use admission::{Admitted, Inadmissible, admit};
pub use reference::GoldenRef;
pub use shelf::{ShelfError, Shelved};
