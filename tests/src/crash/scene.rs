//! A cell's own names, and what is brought about in them: the run carried to its moment, and ended there.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Result, ensure};
use reset_agent::request::DestroyRequest;
use reset_agent::sagas::{CLAIM, DESTROY};
use uuid::Uuid;

use super::cell::{Cell, Direction, Strike};
use super::die::Die;
use super::stage::Stage;
use crate::lab::Fault;

/// SIGKILL.
const KILLED: i32 = 9;

/// A cell's own names.
pub(super) struct Scene<'a, 'b> {
    pub(super) stage: &'a Stage<'b>,
    pub(super) cell: Cell,
    pub(super) customer: String,
    pub(super) run: String,
}

impl<'a, 'b> Scene<'a, 'b> {
    pub(super) fn new(stage: &'a Stage<'b>, cell: Cell, number: usize) -> Self {
        Self { stage, cell, customer: format!("cell-{number}"), run: Uuid::now_v7().to_string() }
    }

    /// What there is before the run begins: a customer, and what its plan begins with.
    pub(super) fn prepare(&self) -> Result<()> {
        self.stage.register(&self.customer)?;
        match self.cell.plan {
            CLAIM => self.stage.fill_pool(),
            DESTROY => self.stage.agent.ask(&self.stage.provision(&self.customer))?.ok().map(drop),
            _ => Ok(()),
        }
    }

    /// What the run is asked, as its journal has it.
    fn input(&self) -> Result<String> {
        if self.cell.plan != DESTROY {
            return Ok(self.stage.request(&self.customer).to_string());
        }
        let guest = self.stage.agent.guest_of(&self.customer)?.context("there is no guest to destroy")?;
        serde_json::to_string(&DestroyRequest::of(&guest)).context("the request")
    }

    /// Brings the run to its moment and ends the process there. A request that is to arrive late is held still.
    pub(super) fn kill(&self, broken: &mut Vec<String>) -> Result<Option<Fault>> {
        drop(File::create(self.log()).context("making the victim's log")?);
        let edge = self.cell.edge();
        let input = self.input()?;
        if let Some(edge) = &edge {
            died(self.victim(Some(edge), &["start", &input])?.wait()?)?;
        }
        let act: &[&str] = match (&edge, self.cell.direction) {
            (None, _) => &["start", &input],
            (Some(_), Direction::Forward) => &["recover"],
            (Some(_), Direction::Undo) => &["abandon"],
        };
        match self.cell.strike().context("the cell has no such moment")? {
            Strike::Record(die) => {
                died(self.victim(Some(&die), act)?.wait()?)?;
                Ok(None)
            }
            Strike::Held { fault, late } => {
                let fault = self.stage.lab.fault(&fault)?;
                let mut victim = self.victim(None, act)?;
                let held = self.stage.lab.await_held(&fault);
                broken.extend(self.stage.secrets.search_process(victim.id()));
                victim.kill().context("killing the victim")?;
                died(victim.wait()?)?;
                held?;
                if late {
                    return Ok(Some(fault));
                }
                self.stage.lab.lift(fault)?;
                Ok(None)
            }
        }
    }

    /// What the victims said.
    pub(super) fn last_words(&self) -> Result<Vec<u8>> {
        fs::read(self.log()).context("reading the victim's log")
    }

    fn log(&self) -> std::path::PathBuf {
        self.stage.lab.layout.log("victim")
    }

    fn victim(&self, die: Option<&Die>, act: &[&str]) -> Result<Child> {
        let log = File::options().append(true).open(self.log()).context("the victim's log")?;
        let mut command = Command::new(self.stage.killer()?);
        command.arg("victim").arg("--config").arg(&self.stage.agent.config);
        command.args(["--run", &self.run, "--plan", self.cell.plan]);
        if let Some(die) = die {
            command.args(["--die", &die.to_string()]);
        }
        command.args(act).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        command.spawn().context("starting a victim")
    }
}

/// A victim that ended by itself has missed its moment, and the cell shows nothing.
fn died(status: ExitStatus) -> Result<()> {
    ensure!(status.signal() == Some(KILLED), "the victim was not killed at its moment: {status}");
    Ok(())
}
