//! All that steps may touch.

use std::sync::Arc;

use pve_client::{Client, Gate};
use spec::ids::{NodeName, RunId, Vmid};

use crate::config::Settings;
use crate::guest::{Gate as HelperGate, Helper};
use crate::ledger::{Ledger, LedgerError};
use crate::node::failure::chain;
use crate::node::look::following;

/// The node, the ledger, the helper, and what the configuration says.
#[derive(Clone)]
pub struct Context {
    /// What the configuration says, for guests of the client's node.
    pub settings: Arc<Settings>,
    /// The API, for guests of one node.
    pub pve: Client,
    /// Who owns which identity.
    pub ledger: Ledger,
    /// The root-side program on that node, where there is one.
    pub helper: Option<Helper>,
}

impl Context {
    /// The same for one run: the node's calls are traced as this run's and follow its guest where that is migrated,
    /// nothing is changed on the node, in its guests or in the ledger once another agent has taken the run over.
    #[must_use]
    pub fn of_run(&self, run: &str) -> Self {
        let pve = run.parse().map_or_else(|_| self.pve.clone(), |run| following(&self.pve.for_run(&run), &run));
        let ledger = self.ledger.of_run(run);
        let asked = ledger.clone();
        let ask = move || {
            let asked = asked.clone();
            async move { asked.still_ours().await.map_err(|error| chain(&error)) }
        };
        let helper = self.helper.clone().map(|helper| helper.behind(HelperGate::new(ask.clone())));
        Self { pve: pve.behind(Gate::new(ask)), ledger, helper, ..self.clone() }
    }

    /// The same for the guests of another node: its storage, its bridge, its helper. Where one node is configured,
    /// there is no other.
    #[must_use]
    pub fn at(&self, node: &NodeName) -> Self {
        if node == self.pve.node() || !self.is_cluster() {
            return self.clone();
        }
        let settings = self.settings.at(node);
        let helper = settings.helper.clone().map(Helper::at);
        Self { settings: Arc::new(settings), pve: self.pve.at(node), helper, ledger: self.ledger.clone() }
    }

    /// The same for the node that has, or is to have, the guest of a run; as it is, where the run has reserved none.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn at_guest_of(&self, run: &RunId) -> Result<Self, LedgerError> {
        Ok(self.ledger.reserved_by(run).await?.map_or_else(|| self.clone(), |guest| self.at(&guest.node)))
    }

    /// The same for every node on which guests may be, the first one first.
    pub fn everywhere(&self) -> impl Iterator<Item = Self> {
        self.settings.members.iter().map(|member| self.at(&member.name))
    }

    /// Whether guests may be on several nodes.
    pub fn is_cluster(&self) -> bool {
        self.settings.members.len() > 1
    }

    /// The helper that can look into a guest: that of the node where it was met last.
    pub fn helper_of(&self, vmid: Vmid) -> Option<Helper> {
        let node = self.pve.node_of(vmid);
        if node == *self.pve.node() { self.helper.clone() } else { self.settings.at(&node).helper.map(Helper::at) }
    }
}
