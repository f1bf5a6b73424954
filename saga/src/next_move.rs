//! Log → the next thing to do. The only decision there is: running, recovering and unwinding all ask here.

use serde::Serialize;

use crate::event::Outcome;
use crate::log::{Direction, Log, StepState};

/// Times a step (or its undo) may be begun without ever ending, before a person must look.
pub const MAX_ATTEMPTS: u32 = 5;

/// What to do next. Indices count the plan's steps from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// Begin this step.
    Run(usize),
    /// This step was begun and cut off: run it again, with its notes.
    Resume(usize),
    /// Undo this step (again, if its undo was cut off).
    Undo(usize),
    /// Every step succeeded.
    Done,
    /// Nothing that was started is left.
    RolledBack,
    /// A person must act before the run can go on.
    Parked(Rest),
}

/// Why a run rests, and what a person may do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rest {
    /// The step it rests at.
    pub step: String,
    /// What is wrong.
    pub reason: String,
    /// The command the person should run; none: look, mend, then resume the run.
    pub command: Option<String>,
}

impl Rest {
    pub(crate) fn new(step: &str, reason: &str, command: Option<&str>) -> Self {
        Self { step: step.to_owned(), reason: reason.to_owned(), command: command.map(ToOwned::to_owned) }
    }
}

/// Decides from the log alone.
pub fn next_move(log: &Log) -> Move {
    match log.outcome() {
        Some(Outcome::Done) => return Move::Done,
        Some(Outcome::RolledBack) => return Move::RolledBack,
        None => {}
    }
    if let Some(rest) = log.rest() {
        return Move::Parked(rest.clone());
    }
    match log.direction() {
        Direction::Forward => forward(log),
        Direction::Unwinding(_) => unwind(log),
    }
}

fn forward(log: &Log) -> Move {
    let next = log.steps().iter().enumerate().find(|(_, step)| step.state != StepState::Succeeded);
    match next {
        None => Move::Done,
        Some((i, step)) if step.state == StepState::NotStarted => Move::Run(i),
        Some((i, _)) => worn_out(log, i, "run").map_or(Move::Resume(i), Move::Parked),
    }
}

fn unwind(log: &Log) -> Move {
    let last = log.steps().iter().enumerate().rev().find(|(_, step)| !step.is_absent());
    match last {
        None => Move::RolledBack,
        Some((i, step)) if step.state == StepState::Undoing => {
            worn_out(log, i, "undo").map_or(Move::Undo(i), Move::Parked)
        }
        Some((i, _)) => Move::Undo(i),
    }
}

/// A step that keeps killing its process must not do so for ever.
fn worn_out(log: &Log, i: usize, what: &str) -> Option<Rest> {
    let step = &log.steps()[i];
    (step.attempts >= MAX_ATTEMPTS).then(|| {
        let reason = format!("its {what} was begun {} times and never ended", step.attempts);
        Rest::new(&step.name, &reason, None)
    })
}
