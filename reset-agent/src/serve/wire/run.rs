//! Runs and their records, as callers see them.

use saga::{Log, Record, StepState};
use serde::Serialize;
use utoipa::ToSchema;

use super::VERSION;
use crate::outcome::{End, Outcome};

/// A run: where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::serve) struct RunView {
    /// Version of this form.
    pub version: u32,
    /// The run.
    pub run: String,
    /// What kind of run: `provision`, `destroy`, …
    pub plan: String,
    /// The guest it is about: `GET /v1/guests/{guest}`.
    pub guest: Option<String>,
    /// How it stands: `accepted`, `unfinished`, `done`, `rolled-back` or `parked`.
    pub end: String,
    /// The word of its exit code, once it has ended or rests.
    pub exit: Option<String>,
    /// Why it did not succeed; told to operators.
    pub reason: Option<String>,
    /// What a person must run; told to operators.
    pub next: Option<String>,
    /// Its steps, in order.
    pub steps: Vec<StepView>,
    /// Its last record: `GET /v1/runs/{run}/events?after={last}` tells what follows.
    pub last: Option<u64>,
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::serve) struct StepView {
    /// Its name.
    pub name: String,
    /// `not-started`, `running`, `succeeded`, `failed`, `undoing` or `undone`.
    pub state: String,
}

/// One record of a run's journal: that something happened, without what was found. Also the data of an event of
/// `GET /v1/runs/{run}/events`, whose id is `seq`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::serve) struct RunEvent {
    /// Its place in the run: 0, 1, 2, … without gaps.
    pub seq: u64,
    /// What happened: `opened`, `started`, `note`, `succeeded`, `failed`, `parked`, `resumed`, `abandoned`,
    /// `undo_started`, `undo_finished`, `undo_failed` or `closed`.
    pub kind: String,
    /// The step it is about.
    pub step: Option<String>,
}

impl RunView {
    /// A run as its caller sees it. Reasons may name other tenants' guests: only operators are told.
    pub(in crate::serve) fn of(log: &Log, guest: Option<String>, is_operator: bool) -> Self {
        let outcome = Outcome::of(log, false);
        let exit = (outcome.end != End::Unfinished).then(|| outcome.exit().word().to_owned());
        let (end, reason, next) = match outcome.end {
            End::Done => ("done", None, None),
            End::RolledBack { reason } => ("rolled-back", Some(reason), None),
            End::Parked { reason, command } => ("parked", Some(reason), Some(command)),
            End::Unfinished => ("unfinished", None, None),
        };
        Self {
            version: VERSION,
            run: log.header().run.clone(),
            plan: log.header().plan.clone(),
            guest,
            end: end.to_owned(),
            exit,
            reason: reason.filter(|_| is_operator),
            next: next.filter(|_| is_operator),
            last: log.next_seq().checked_sub(1),
            steps: log
                .steps()
                .iter()
                .map(|step| StepView { name: step.name.clone(), state: word(&step.state) })
                .collect(),
        }
    }

    /// A run that was accepted and waits for its turn.
    pub(in crate::serve) fn accepted(run: &str, plan: &str, guest: Option<String>) -> Self {
        Self {
            version: VERSION,
            run: run.to_owned(),
            plan: plan.to_owned(),
            guest,
            end: "accepted".to_owned(),
            exit: None,
            reason: None,
            next: None,
            steps: Vec::new(),
            last: None,
        }
    }
}

impl RunEvent {
    /// A record as its caller sees it.
    pub(in crate::serve) fn of(record: &Record) -> Self {
        Self { seq: record.seq, kind: record.event.kind().to_owned(), step: record.event.step().map(ToOwned::to_owned) }
    }
}

fn word(state: &StepState) -> String {
    let word = match state {
        StepState::NotStarted => "not-started",
        StepState::Running => "running",
        StepState::Succeeded => "succeeded",
        StepState::Failed(_) => "failed",
        StepState::Undoing => "undoing",
        StepState::Undone => "undone",
    };
    word.to_owned()
}
