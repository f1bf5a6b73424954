//! What is in a golden, in the two forms that others read: CycloneDX 1.6 and SPDX 2.3.
//!
//! | module | what it is |
//! |---|---|
//! | `bill` | the contents, before any form |
//! | `licence` | licences out of machine-readable copyright files, as SPDX expressions |
//! | `purl` | a package's name in the world |
//! | `cyclonedx` | the first form |
//! | `spdx` | the second |
//!
//! Both are made of the archive alone and are the same, byte for byte, for the same archive. What is not known is said
//! so (`NOASSERTION`), never guessed.

mod bill;
mod cyclonedx;
mod licence;
mod purl;
mod spdx;

pub use bill::{Bill, Component, System};
pub use cyclonedx::cyclonedx;
pub use licence::{Copyright, copyright};
pub use purl::purl;
pub use spdx::spdx;
