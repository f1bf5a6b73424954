//! Releases: what a golden is, and everything that is said of it after its build.
//!
//! | module | what it is |
//! |---|---|
//! | `lock` | what a build was made from, exact enough to make it again |
//! | `manifest` | the document beside an archive: digests, configuration, packages, what no guest may have |

mod lock;
mod manifest;

pub use lock::{AptSource, Inputs, LOCK_VERSION, Lock, LockDifference, LockedBase, LockedPackage};
pub use manifest::{Archive, Base, CheckResult, Manifest};
