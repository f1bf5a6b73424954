//! Releases: what a golden is, and everything that is said of it after its build.
//!
//! | module | what it is |
//! |---|---|
//! | `manifest` | the document beside an archive: digests, configuration, packages, what no guest may have |

mod manifest;

pub use manifest::{Archive, Base, CheckResult, Manifest};
