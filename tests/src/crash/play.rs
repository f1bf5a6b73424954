//! One cell, played and judged.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use uuid::Uuid;

use super::cell::{Cell, Direction, Strike};
use super::die::Die;
use super::invariants::{Meant, Told, explained, nothing_left, one_guest};
use super::stage::Stage;
use super::watch::Watch;
use super::world::World;
use crate::lab::{Fault, run};

/// SIGKILL.
const KILLED: i32 = 9;

/// What came of a cell.
#[derive(Debug, Clone)]
pub(super) struct Played {
    pub(super) cell: Cell,
    /// What is broken; nothing where every invariant holds.
    pub(super) broken: Vec<String>,
    pub(super) seconds: f64,
    /// How often a guest's configuration was looked at meanwhile.
    pub(super) looks: u64,
}

/// A cell's own names.
struct Scene<'a, 'b> {
    stage: &'a Stage<'b>,
    cell: Cell,
    customer: String,
    run: String,
}

/// Plays it. Whatever goes wrong on the way is a broken cell too: it was not shown to hold.
pub(super) fn play(stage: &Stage<'_>, cell: Cell, number: usize) -> Result<Played> {
    let begun = Instant::now();
    let before = World::look(stage.lab)?;
    let scene = Scene { stage, cell, customer: format!("cell-{number}"), run: Uuid::now_v7().to_string() };
    let watch = Watch::over(stage.lab.layout.node().join("lxc"), stage.golden);
    let mut broken = scene.all(&before).unwrap_or_else(|error| vec![format!("not played: {error:#}")]);
    let seen = watch.end()?;
    broken.extend(seen.broken);
    if !broken.is_empty() {
        stage.clear(&before, &scene.customer, &scene.run)?;
    }
    Ok(Played { cell, broken, seconds: begun.elapsed().as_secs_f64(), looks: seen.looks })
}

impl Scene<'_, '_> {
    fn all(&self, before: &World) -> Result<Vec<String>> {
        let log = self.stage.lab.layout.log("victim");
        drop(File::create(&log).context("making the victim's log")?);
        let mut broken = Vec::new();
        let late = self.kill(&mut broken)?;
        let (told, words) = self.recover()?;
        if let Some(late) = late {
            self.stage.lab.lift(late)?;
        }
        self.stage.at_rest()?;
        let after = World::look(self.stage.lab)?;
        broken.extend(match self.cell.direction {
            Direction::Forward => self.judge_guest(before, &after, &told)?,
            Direction::Undo => [nothing_left(before, &after, &self.customer), explained(&told)].concat(),
        });
        let secrets = &self.stage.secrets;
        broken.extend(secrets.search("what the program said", words.as_bytes()));
        broken.extend(secrets.search("what the victim said", &fs::read(&log).context("reading the victim's log")?));
        broken.extend(secrets.search_files(self.stage.lab)?);
        Ok(broken)
    }

    fn judge_guest(&self, before: &World, after: &World, told: &Told) -> Result<Vec<String>> {
        let title = self.stage.title();
        let meant = Meant { customer: &self.customer, run: Some(&self.run), golden: &title };
        let mut broken = one_guest(before, after, told, meant);
        self.stage.lab.agent(&["destroy", &self.customer])?.ok()?;
        let end = World::look(self.stage.lab)?;
        broken.extend(nothing_left(before, &end, &self.customer));
        Ok(broken)
    }

    /// Brings the run to its moment and ends the process there. A request that is to arrive late is held still.
    fn kill(&self, broken: &mut Vec<String>) -> Result<Option<Fault>> {
        let edge = self.cell.edge();
        let input = self.stage.request(&self.customer).to_string();
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

    fn victim(&self, die: Option<&Die>, act: &[&str]) -> Result<Child> {
        let log = File::options().append(true).open(self.stage.lab.layout.log("victim")).context("the victim's log")?;
        let mut command = Command::new(self.stage.killer()?);
        command.arg("victim").arg("--config").arg(self.stage.lab.layout.agent_config()).args(["--run", &self.run]);
        if let Some(die) = die {
            command.args(["--die", &die.to_string()]);
        }
        command.args(act).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        command.spawn().context("starting a victim")
    }

    /// Takes the run up as anybody would, with everything logged that can be.
    fn recover(&self) -> Result<(Told, String)> {
        let arguments = match self.cell.direction {
            Direction::Forward => self.stage.provision(&self.customer),
            Direction::Undo => vec!["resume", &self.run, "--json"],
        };
        let begun = Instant::now();
        let mut command = self.stage.lab.agent_command(&arguments);
        let done = run(command.env("MINTMARK_LOG", "trace"), false)?;
        let json = serde_json::from_str(&done.stdout).unwrap_or(Value::Null);
        let told = Told { code: done.code, json, seconds: begun.elapsed().as_secs() };
        Ok((told, done.stdout + &done.stderr))
    }
}

/// A victim that ended by itself has missed its moment, and the cell shows nothing.
fn died(status: ExitStatus) -> Result<()> {
    ensure!(status.signal() == Some(KILLED), "the victim was not killed at its moment: {status}");
    Ok(())
}
