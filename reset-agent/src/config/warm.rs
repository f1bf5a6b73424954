//! `[warm]`: goldens turned into templates.

use serde::Deserialize;

/// `[warm]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// `FROM-TO`: their numbers, instead of some of `guests.vmids`.
    pub vmids: Option<String>,
}
