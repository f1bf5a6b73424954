//! A run as a printed tree: for a terminal, an answer over HTTP, and golden files.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::event::{Event, Record};
use crate::log::{Direction, Log, StepState};
use crate::next_move::{Move, next_move};

/// The tree: a run, its steps, and what each step recorded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outline {
    /// The run's id.
    pub run: String,
    /// The plan's name.
    pub plan: String,
    /// The plan's version.
    pub version: u32,
    /// Where the run stands: `running`, `unwinding`, `parked`, `done`, `rolled back`.
    pub status: &'static str,
    /// Why, when it is not simply going forward.
    pub why: Option<String>,
    /// What a person should run, for a parked run that knows it.
    pub command: Option<String>,
    /// What happened to the run as a whole between its opening and its end: a person resumed it, or gave it up.
    pub lines: Vec<String>,
    /// The steps, in order.
    pub steps: Vec<OutlineStep>,
}

/// One step of an [`Outline`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutlineStep {
    /// The step's name.
    pub name: String,
    /// Where it stands: `waiting`, `running`, `parked`, `done`, `failed`, `undoing`, `undone`.
    pub status: &'static str,
    /// What it recorded, oldest first, a line each.
    pub lines: Vec<String>,
}

impl Outline {
    /// The tree of a run as it stands.
    pub fn of(log: &Log) -> Self {
        let (status, why, command) = standing(log);
        let parked_at = match next_move(log) {
            Move::Parked(rest) => Some(rest.step),
            _ => None,
        };
        let steps = log.steps().iter().map(|step| OutlineStep {
            name: step.name.clone(),
            status: if parked_at.as_ref() == Some(&step.name) { "parked" } else { step_status(&step.state) },
            lines: lines_of(log, Some(&step.name)),
        });
        let header = log.header();
        Self {
            run: header.run.clone(),
            plan: header.plan.clone(),
            version: header.version,
            status,
            why,
            command,
            lines: lines_of(log, None),
            steps: steps.collect(),
        }
    }
}

fn lines_of(log: &Log, step: Option<&str>) -> Vec<String> {
    let frame = |record: &&Record| !matches!(record.event, Event::Opened(_) | Event::Closed { .. });
    log.records().iter().filter(|record| record.event.step() == step).filter(frame).map(line).collect()
}

fn standing(log: &Log) -> (&'static str, Option<String>, Option<String>) {
    let unwinding = match log.direction() {
        Direction::Forward => None,
        Direction::Unwinding(why) => Some(why.to_string()),
    };
    match next_move(log) {
        Move::Done => ("done", None, None),
        Move::RolledBack => ("rolled back", unwinding, None),
        Move::Parked(rest) => ("parked", Some(format!("at {}: {}", rest.step, rest.reason)), rest.command),
        Move::Undo(_) => ("unwinding", unwinding, None),
        Move::Run(_) | Move::Resume(_) => ("running", None, None),
    }
}

fn step_status(state: &StepState) -> &'static str {
    match state {
        StepState::NotStarted => "waiting",
        StepState::Running => "running",
        StepState::Succeeded => "done",
        StepState::Failed(_) => "failed",
        StepState::Undoing => "undoing",
        StepState::Undone => "undone",
    }
}

fn line(record: &Record) -> String {
    let kind = record.event.kind().replace('_', " ");
    let detail = match &record.event {
        Event::Note { key, value, .. } => format!(" {key} = {value}"),
        Event::Succeeded { output: Value::Null, .. } => String::new(),
        Event::Succeeded { output, .. } => format!(" {output}"),
        Event::Failed { error, .. } | Event::UndoFailed { error, .. } => format!(": {error}"),
        Event::Parked { reason, .. } | Event::Abandoned { reason } => format!(": {reason}"),
        _ => String::new(),
    };
    format!("{:>3} {kind}{detail}", record.seq)
}

impl fmt::Display for Outline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{} · run {} · {}", self.plan, self.version, self.run, self.status)?;
        if let Some(why) = &self.why {
            write!(f, " ({why})")?;
        }
        for line in &self.lines {
            write!(f, "\n│    {line}")?;
        }
        let width = self.steps.iter().map(|step| step.name.chars().count()).max().unwrap_or(0);
        for (i, step) in self.steps.iter().enumerate() {
            let last = i + 1 == self.steps.len();
            let (branch, trunk) = if last { ("└─", "  ") } else { ("├─", "│ ") };
            write!(f, "\n{branch} {:width$}  {}", step.name, step.status)?;
            for line in &step.lines {
                write!(f, "\n{trunk}   {line}")?;
            }
        }
        if let Some(command) = &self.command {
            write!(f, "\nto go on: {command}")?;
        }
        Ok(())
    }
}
