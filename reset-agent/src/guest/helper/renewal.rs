//! What the helper makes anew in a guest.

use serde::Deserialize;

/// What became of one item of the identity catalog.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Renewal {
    /// Its id.
    pub item: String,
    /// How it stands.
    #[serde(flatten)]
    pub state: RenewalState,
}

/// How an item stands after a renewal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum RenewalState {
    /// It is new. What read the old one reads the new one at its next start.
    New,
    /// It was put to sleep; the guest's next start makes it anew.
    Asleep,
    /// The guest has none.
    Absent,
    /// It could not be made.
    Failed {
        /// Why not.
        why: String,
    },
}
