//! What belongs to a golden.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::value::Identity;

/// The identities that belong to a golden: no guest may have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForbiddenSet {
    /// The golden's name and version, for the reader.
    pub golden: String,
    /// Its values.
    pub identities: BTreeSet<Identity>,
}
