//! The shipped agent as the cells ask it: the lab's configuration, with a ledger and a vault.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use reset_agent::ledger::Guest;
use serde_json::Value;

use super::ledger::Ledger;
use super::vault::Vault;
use crate::lab::{Done, Lab, run};

/// An agent of the lab's programs.
pub(super) struct Agent<'a> {
    pub(super) lab: &'a Lab,
    pub(super) ledger: Ledger,
    pub(super) config: PathBuf,
}

impl<'a> Agent<'a> {
    /// Writes its configuration beside the lab's.
    pub(super) fn configured(lab: &'a Lab, ledger: Ledger, vault: &Vault) -> Result<Self> {
        let text = fs::read_to_string(lab.layout.agent_config()).context("reading the lab's configuration")?;
        let own = format!("path = \"{}\"", lab.layout.ledger().display());
        ensure!(text.contains(&own), "the lab's configuration names no ledger: {text}");
        let text = text.replace(&own, &ledger.section()) + "\n" + &vault.section();
        let config = lab.layout.root().join("crash.toml");
        fs::write(&config, text).context("writing the cells' configuration")?;
        Ok(Self { lab, ledger, config })
    }

    /// `reset-agent ARGUMENTS`, not yet started.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.lab.programs.agent);
        command.arg("--config").arg(&self.config).args(arguments);
        command
    }

    /// `reset-agent ARGUMENTS`, to its end.
    pub(super) fn ask(&self, arguments: &[&str]) -> Result<Done> {
        run(&mut self.command(arguments), false)
    }

    /// The ledger's live guests.
    pub(super) fn guests(&self) -> Result<Vec<Guest>> {
        let told: Value = self.ask(&["list", "--json"])?.ok()?.json()?;
        serde_json::from_value(told["guests"].clone()).context("the ledger's list")
    }

    /// The customer's live guest.
    pub(super) fn guest_of(&self, customer: &str) -> Result<Option<Guest>> {
        Ok(self.guests()?.into_iter().find(|guest| guest.customer.as_ref() == customer))
    }
}
