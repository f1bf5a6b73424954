//! The golden that a golden was built on.

use serde::{Deserialize, Serialize};

use crate::ids::{GoldenName, Sha256Hex};

/// A layered golden's parent. What is forbidden of the parent is forbidden of the child too, and stands there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// The parent's name.
    pub golden: GoldenName,
    /// Its release.
    pub release: String,
    /// SHA-256 of its manifest.
    pub manifest: Sha256Hex,
}
