//! `[goldens]` and `[helper]`: where the agent finds what it works with.

use std::path::PathBuf;

use serde::Deserialize;

/// `[goldens]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goldens {
    /// Folders with manifests (`*.json`), beside their archives where these can be seen.
    #[serde(default)]
    pub manifests: Vec<PathBuf>,
}

/// `[helper]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Helper {
    /// The helper's unix socket.
    pub socket: Option<PathBuf>,
}

/// `[ledger]`
pub(super) use super::ledger::Written as Ledger;
