//! All that steps may touch.

use std::sync::Arc;

use pve_client::Client;

use crate::config::Settings;
use crate::guest::Helper;
use crate::ledger::Ledger;

/// The node, the ledger, the helper, and what the configuration says.
#[derive(Clone)]
pub struct Context {
    /// What the configuration says.
    pub settings: Arc<Settings>,
    /// The node's API.
    pub pve: Client,
    /// Who owns which identity.
    pub ledger: Ledger,
    /// The root-side program on the node, where there is one.
    pub helper: Option<Helper>,
}
