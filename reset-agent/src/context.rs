//! All that steps may touch.

use std::sync::Arc;

use pve_client::{Client, Gate};

use crate::config::Settings;
use crate::guest::{Gate as HelperGate, Helper};
use crate::ledger::Ledger;
use crate::node::failure::chain;

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

impl Context {
    /// The same for one run: the node's calls are traced as this run's, nothing is changed on the node, in its guests or
    /// in the ledger once another agent has taken the run over.
    #[must_use]
    pub fn of_run(&self, run: &str) -> Self {
        let pve = run.parse().map_or_else(|_| self.pve.clone(), |run| self.pve.for_run(&run));
        let ledger = self.ledger.of_run(run);
        let asked = ledger.clone();
        let ask = move || {
            let asked = asked.clone();
            async move { asked.still_ours().await.map_err(|error| chain(&error)) }
        };
        let helper = self.helper.clone().map(|helper| helper.behind(HelperGate::new(ask.clone())));
        Self { pve: pve.behind(Gate::new(ask)), ledger, helper, ..self.clone() }
    }
}
