//! `[budgets]`: how much is asked of a node and of a storage at once, by all agents of one ledger together.

use serde::Deserialize;

use super::setting::BadSetting;

/// `[budgets]`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budgets {
    /// Restores, clones and destructions at once on one node; as many as come, where nothing is said.
    pub per_node: Option<u32>,
    /// The same on one storage of one node.
    pub per_storage: Option<u32>,
}

impl Budgets {
    /// Whether anybody has to wait for a turn.
    pub fn is_limited(self) -> bool {
        self.per_node.is_some() || self.per_storage.is_some()
    }
}

/// Accepts the section. With none at once nothing would ever be made.
pub(super) fn accepted(written: Budgets) -> Result<Budgets, BadSetting> {
    for (key, limit) in [("budgets.per_node", written.per_node), ("budgets.per_storage", written.per_storage)] {
        if limit == Some(0) {
            return Err(BadSetting { key, value: "0".into(), why: "at least 1; leave it out for no limit".into() });
        }
    }
    Ok(written)
}
