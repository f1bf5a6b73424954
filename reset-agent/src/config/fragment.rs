//! The configuration as written: texts under the keys of the file, unknown keys refused.

use serde::Deserialize;

use super::budgets::Budgets;
use super::places::{Goldens, Helper, Ledger};
use super::{cloud_init, guests, machine_id, members, node, pool, secrets, serve, ssh, trust, wait, warm};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fragment {
    /// The node and the right to use it.
    pub node: node::Written,
    /// Further nodes of the same cluster.
    #[serde(default)]
    pub nodes: Vec<members::Written>,
    /// What new guests are made of.
    pub guests: guests::Written,
    /// How much is asked of a node at once.
    #[serde(default)]
    pub budgets: Budgets,
    /// Where goldens' manifests lie.
    #[serde(default)]
    pub goldens: Goldens,
    /// Whose goldens are restored.
    pub trust: Option<trust::Written>,
    /// Who owns which identity.
    pub ledger: Ledger,
    /// The root-side program on the node.
    #[serde(default)]
    pub helper: Helper,
    /// Guests provisioned ahead of their customers.
    #[serde(default)]
    pub pool: pool::Written,
    /// Goldens turned into templates.
    #[serde(default)]
    pub warm: warm::Written,
    /// Who draws machine-ids.
    #[serde(default)]
    pub machine_id: machine_id::Written,
    /// How the agent logs in to a new guest.
    pub ssh: ssh::Written,
    /// Where the API is served.
    pub serve: Option<serve::Written>,
    /// Goldens whose guests cloud-init sets up.
    pub cloud_init: Option<cloud_init::Written>,
    /// Where customers' secrets lie.
    pub secrets: Option<secrets::Written>,
    /// How long to wait for a guest.
    #[serde(default)]
    pub wait: wait::Written,
}
