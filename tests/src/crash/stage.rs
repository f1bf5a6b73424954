//! What the cells are played on: a lab, a golden, an agent with its ledger, a guest of ours that was handed over, and one
//! that is nobody's.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use spec::release::Manifest;

use super::agent::Agent;
use super::canary::Canaries;
use super::ledger::{Database, Ledger};
use super::vault::Vault;
use super::world::World;
use crate::lab::{Lab, until};

/// The guest that was handed over before all this, and must be there after it.
const RESIDENT: &str = "resident";
/// The guest that somebody else made, inside the agent's range of numbers.
const STRANGER: &str = "150";

/// The stage.
pub struct Stage<'a> {
    pub(super) lab: &'a Lab,
    pub(super) golden: &'a Manifest,
    pub(super) agent: Agent<'a>,
    pub(super) vault: Vault,
    pub(super) secrets: Canaries,
}

impl<'a> Stage<'a> {
    /// Sets it: the golden must be in channel `stable`.
    pub fn set(lab: &'a Lab, golden: &'a Manifest, database: Database) -> Result<Self> {
        let vault = Vault::make(lab.layout.root().join("vault"))?;
        let secrets = Canaries::of(lab, &vault)?;
        let agent = Agent::configured(lab, Ledger::open(database, lab)?, &vault)?;
        let stage = Self { lab, golden, agent, vault, secrets };
        stage.agent.ask(&stage.provision(RESIDENT))?.ok()?;
        if !World::look(&stage.agent)?.guests.contains_key(&STRANGER.parse()?) {
            let restore = ["restore", STRANGER, &golden.archive.volid, "--rootfs", "local:2", "--unprivileged", "1"];
            let names = ["--hostname", "stranger", "--net0", "name=eth0,hwaddr=BC:24:11:15:00:50,link_down=1"];
            lab.pct(&[&restore[..], &names].concat())?.ok()?;
        }
        Ok(stage)
    }

    /// Takes both guests away again.
    pub fn strike(self) -> Result<()> {
        self.agent.ask(&["destroy", RESIDENT])?.ok()?;
        self.lab.pct(&["destroy", STRANGER])?.ok().map(drop)
    }

    /// A customer comes: registered, with secrets.
    pub(super) fn register(&self, customer: &str) -> Result<()> {
        let secrets = self.vault.lay_down(customer)?;
        self.agent.ask(&["customers", "register", "--customer", customer, "--secrets", &secrets])?.ok().map(drop)
    }

    /// And goes. What is left of its guest goes, too.
    pub(super) fn forget(&self, customer: &str) -> Result<()> {
        self.agent.ask(&["customers", "delete", customer])?.ok()?;
        self.vault.take_away(customer)
    }

    /// One guest waits in the pool.
    pub(super) fn fill_pool(&self) -> Result<()> {
        let golden = self.golden.golden.as_str();
        self.agent.ask(&["pool", "fill", "--golden", golden, "--size", "1"])?.ok().map(drop)
    }

    /// The arguments of `provision` for a customer.
    pub(super) fn provision<'b>(&'b self, customer: &'b str) -> Vec<&'b str> {
        self.ordered("provision", customer)
    }

    /// The arguments of `claim` for a customer.
    pub(super) fn claim<'b>(&'b self, customer: &'b str) -> Vec<&'b str> {
        self.ordered("claim", customer)
    }

    fn ordered<'b>(&'b self, verb: &'b str, customer: &'b str) -> Vec<&'b str> {
        vec![verb, "--customer", customer, "--golden", self.golden.golden.as_str(), "--json"]
    }

    /// The same as a run's input.
    pub(super) fn request(&self, customer: &str) -> Value {
        let golden = self.golden.golden.as_str();
        // As large as the larger golden that cells are played with: a smaller disk is refused.
        json!({"customer": customer, "golden": golden, "hostname": customer, "size": "4G", "checks": []})
    }

    /// Name and release of the golden, as the ledger has them.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.golden.golden, self.golden.release)
    }

    /// Waits until the node works on nothing.
    pub(super) fn at_rest(&self) -> Result<()> {
        until("the node's tasks to end", Duration::from_mins(1), || {
            let active =
                self.lab.rest("GET", "/nodes/pve/tasks?source=active", "").map_err(|error| error.to_string())?;
            if active.as_array().is_some_and(Vec::is_empty) { Ok(()) } else { Err(active.to_string()) }
        })
    }

    /// After a broken cell: what it left is removed by hand, so that the next one is judged by itself.
    pub(super) fn clear(&self, before: &World, customer: &str, run: &str) -> Result<()> {
        self.lab.lift_all()?;
        self.at_rest()?;
        self.agent.ask(&["abandon", run])?;
        self.agent.ask(&["destroy", customer])?;
        for vmid in World::look(&self.agent)?.guests.keys().filter(|vmid| !before.guests.contains_key(vmid)) {
            let vmid = vmid.to_string();
            self.agent.ask(&["destroy", &vmid])?;
            for words in [&["unlock"][..], &["stop"], &["destroy"]] {
                self.lab.pct(&[words, &[vmid.as_str()]].concat())?;
            }
        }
        self.agent.ask(&["customers", "delete", customer])?;
        let now = World::look(&self.agent)?;
        ensure!(now.guests.keys().eq(before.guests.keys()), "guests are left: {:?}", now.guests.keys());
        Ok(())
    }

    /// The program whose victims are killed.
    pub(super) fn killer(&self) -> Result<std::path::PathBuf> {
        let path = self.lab.programs.node.with_file_name("mintmark-crash");
        ensure!(path.exists(), "{} is not built: run `make build`", path.display());
        path.canonicalize().context("finding the victim's program")
    }
}
