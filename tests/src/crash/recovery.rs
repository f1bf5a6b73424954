//! The struck run, taken up by the agent as it is shipped, as anybody would.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use reset_agent::sagas::{CLAIM, DESTROY};
use serde_json::Value;

use super::cell::Direction;
use super::invariants::Told;
use super::ledger::Database;
use super::scene::Scene;
use crate::lab::{Done, run, until};

/// By then a dead agent's lease has ended.
const LEASES_END: Duration = Duration::from_secs(30);

/// What the recovery did.
pub(super) struct Recovery {
    pub(super) told: Told,
    /// Everything that was said, at every level.
    pub(super) words: String,
    /// Whether it took one more command to come to the end.
    pub(super) mended: bool,
}

/// Takes the run up, with everything logged that can be.
pub(super) fn recover(scene: &Scene<'_, '_>) -> Result<Recovery> {
    let mut told = Talk { scene, words: String::new() };
    let begun = Instant::now();
    let done = match scene.cell.direction {
        Direction::Forward => told.asked_again()?,
        Direction::Undo => told.resumed()?,
    };
    let json = serde_json::from_str(&done.stdout).unwrap_or(Value::Null);
    let mended = scene.cell.plan == DESTROY && told.destroyed_at_last()?;
    let seconds = begun.elapsed().as_secs();
    let code = if mended && scene.cell.direction == Direction::Forward { 0 } else { done.code };
    Ok(Recovery { told: Told { code, json, seconds }, words: told.words, mended })
}

/// All that is asked of the agent in a recovery, and all that it says.
struct Talk<'a, 'b, 'c> {
    scene: &'c Scene<'a, 'b>,
    words: String,
}

impl Talk<'_, '_, '_> {
    fn ask(&mut self, arguments: &[&str]) -> Result<Done> {
        let mut command = self.scene.stage.agent.command(arguments);
        let done = run(command.env("MINTMARK_LOG", "trace"), false)?;
        self.words.push_str(&done.stdout);
        self.words.push_str(&done.stderr);
        Ok(done)
    }

    /// The same command once more.
    fn asked_again(&mut self) -> Result<Done> {
        let Scene { stage, cell, customer, .. } = self.scene;
        let arguments = match cell.plan {
            CLAIM => stage.claim(customer),
            DESTROY => vec!["destroy", customer, "--json"],
            _ => stage.provision(customer),
        };
        // While nothing is reserved a second request may well open a run of its own beside one that is held still.
        if stage.agent.ledger.database() == Database::Postgres && stage.agent.guest_of(customer)?.is_none() {
            self.resumed()?;
        }
        self.ask(&arguments)
    }

    /// On a server the lease of the dead ends some time after it: until then the run is refused.
    fn resumed(&mut self) -> Result<Done> {
        until("the lease of the dead agent to end", LEASES_END, || {
            let done = self.ask(&["resume", &self.scene.run, "--json"]).map_err(|error| error.to_string())?;
            if done.stderr.contains("is held by") { Err(done.stderr) } else { Ok(done) }
        })
    }

    /// A guest that is still the ledger's is destroyed by the next command. Whether it took one.
    fn destroyed_at_last(&mut self) -> Result<bool> {
        let Scene { stage, customer, .. } = self.scene;
        if stage.agent.guest_of(customer)?.is_none() {
            return Ok(false);
        }
        let done = self.ask(&["destroy", customer, "--json"])?;
        ensure!(done.code == 0, "the next destroy exits {}: {}", done.code, done.stdout);
        Ok(true)
    }
}
