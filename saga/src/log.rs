//! One run's records, folded into the state of its steps. An order that cannot have happened is an error value.

use serde_json::Value;
use thiserror::Error;

use crate::event::{Event, Failure, Header, Outcome, RECORD_VERSION, Record};
use crate::next_move::Rest;
use crate::rules::allow;

/// Why a record does not fit the log before it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LogError {
    /// The journal has no records for this run.
    #[error("the log is empty: its first record must be `opened`")]
    Empty,
    /// The first record says something else than that the run began.
    #[error("record 0 is `{kind}`: the first record must be `opened`")]
    NotOpened {
        /// Kind of the record found.
        kind: &'static str,
    },
    /// A record is missing or doubled.
    #[error("record {found} stands where {expected} should be")]
    Gap {
        /// Sequence number that was due.
        expected: u64,
        /// Sequence number found.
        found: u64,
    },
    /// Written by a newer program.
    #[error(
        "record {seq} has format version {found}, this program reads up to {RECORD_VERSION}: use the newer program"
    )]
    UnknownVersion {
        /// Place of the record.
        seq: u64,
        /// Its version.
        found: u32,
    },
    /// A step the header does not list.
    #[error("record {seq} (`{kind}`) names step `{step}`, which the run does not have")]
    UnknownStep {
        /// Place of the record.
        seq: u64,
        /// Kind of the record.
        kind: &'static str,
        /// Name found.
        step: String,
    },
    /// A move the rules do not allow from here.
    #[error("record {seq} (`{kind}`) cannot follow: {because}")]
    Illegal {
        /// Place of the record.
        seq: u64,
        /// Kind of the record.
        kind: &'static str,
        /// The rule it breaks.
        because: String,
    },
}

/// Where one step stands.
#[derive(Debug, Clone, PartialEq)]
pub enum StepState {
    /// Nothing of it happened.
    NotStarted,
    /// Begun, and no end recorded: running, or cut off by a crash.
    Running,
    /// It did its work.
    Succeeded,
    /// It gave up.
    Failed(Failure),
    /// Its undo was begun, and no end recorded.
    Undoing,
    /// Nothing of it is left.
    Undone,
}

/// A fact a step wrote down for its own later self.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// What it is about.
    pub key: String,
    /// The fact.
    pub value: Value,
}

/// One step of a run, with all it left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct StepLog {
    /// The step's name.
    pub name: String,
    /// Where it stands.
    pub state: StepState,
    /// Times its run, or its undo, was begun since it last changed direction or a person resumed it.
    pub attempts: u32,
    /// Its notes, oldest first, of all attempts.
    pub notes: Vec<Note>,
    /// Its output, kept for the undo.
    pub output: Option<Value>,
}

impl StepLog {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), state: StepState::NotStarted, attempts: 0, notes: Vec::new(), output: None }
    }

    /// True if there is nothing to undo.
    pub fn is_absent(&self) -> bool {
        matches!(self.state, StepState::NotStarted | StepState::Undone)
    }
}

/// Which way a run goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Direction {
    /// Towards the plan's end.
    Forward,
    /// Back to a clean slate, for this reason.
    Unwinding(Failure),
}

/// A run's records and the state they add up to.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    header: Header,
    records: Vec<Record>,
    steps: Vec<StepLog>,
    direction: Direction,
    rest: Option<Rest>,
    outcome: Option<Outcome>,
}

impl Log {
    /// The log of a run that has just been accepted: one record.
    pub fn open(header: Header) -> Self {
        let steps = header.steps.iter().map(|name| StepLog::new(name)).collect();
        let first = Record { v: RECORD_VERSION, seq: 0, event: Event::Opened(header.clone()) };
        Self { header, records: vec![first], steps, direction: Direction::Forward, rest: None, outcome: None }
    }

    /// Folds records, in their order, as a journal returns them.
    pub fn fold(records: impl IntoIterator<Item = Record>) -> Result<Self, LogError> {
        let mut records = records.into_iter();
        let first = records.next().ok_or(LogError::Empty)?;
        check_frame(&first, 0)?;
        let Event::Opened(header) = first.event else {
            return Err(LogError::NotOpened { kind: first.event.kind() });
        };
        let mut log = Self::open(header);
        for record in records {
            log.push(record)?;
        }
        Ok(log)
    }

    /// The record this event would be, if it may follow. Nothing changes: write it down first, then [`Log::push`] it.
    pub fn next_record(&self, event: Event) -> Result<Record, LogError> {
        let record = Record { v: RECORD_VERSION, seq: self.next_seq(), event };
        self.check(&record)?;
        Ok(record)
    }

    /// Takes up a record that is in the journal.
    pub fn push(&mut self, record: Record) -> Result<(), LogError> {
        check_frame(&record, self.next_seq())?;
        self.check(&record)?;
        self.apply(&record.event);
        self.records.push(record);
        Ok(())
    }

    /// What the run is.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// All records, oldest first.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The steps, in the plan's order.
    pub fn steps(&self) -> &[StepLog] {
        &self.steps
    }

    /// The step of this name.
    pub fn step(&self, name: &str) -> Option<&StepLog> {
        self.steps.iter().find(|step| step.name == name)
    }

    /// Which way the run goes.
    pub fn direction(&self) -> &Direction {
        &self.direction
    }

    /// Why the run rests, if a record says that it does.
    pub fn rest(&self) -> Option<&Rest> {
        self.rest.as_ref()
    }

    /// How the run ended, if it is closed.
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// Sequence number the next record will have.
    pub fn next_seq(&self) -> u64 {
        self.records.len() as u64
    }

    fn index_of(&self, record: &Record) -> Result<Option<usize>, LogError> {
        let Some(name) = record.event.step() else { return Ok(None) };
        match self.steps.iter().position(|step| step.name == name) {
            Some(index) => Ok(Some(index)),
            None => Err(LogError::UnknownStep { seq: record.seq, kind: record.event.kind(), step: name.to_owned() }),
        }
    }

    fn check(&self, record: &Record) -> Result<(), LogError> {
        let index = self.index_of(record)?;
        allow(self, &record.event, index).map_err(|because| LogError::Illegal {
            seq: record.seq,
            kind: record.event.kind(),
            because,
        })
    }

    /// Only called with an event that [`Log::check`] allowed.
    fn apply(&mut self, event: &Event) {
        match event {
            Event::Resumed => {
                self.rest = None;
                self.steps.iter_mut().for_each(|step| step.attempts = 0);
            }
            Event::Abandoned { reason } => {
                self.rest = None;
                self.direction = Direction::Unwinding(Failure::new(format!("abandoned: {reason}")));
            }
            Event::Closed { outcome } => self.outcome = Some(*outcome),
            Event::Failed { error, .. } => self.direction = Direction::Unwinding(error.clone()),
            Event::Parked { step, reason, command } => self.rest = Some(Rest::new(step, reason, command.as_deref())),
            Event::UndoFailed { step, error, command } => {
                let reason = format!("undo failed: {error}");
                self.rest = Some(Rest::new(step, &reason, command.as_deref()));
            }
            _ => {}
        }
        let step = event.step().and_then(|name| self.steps.iter_mut().find(|step| step.name == name));
        if let Some(step) = step {
            apply_to_step(step, event);
        }
    }
}

fn apply_to_step(step: &mut StepLog, event: &Event) {
    match event {
        Event::Started { .. } => {
            step.attempts += 1;
            step.state = StepState::Running;
        }
        Event::Note { key, value, .. } => step.notes.push(Note { key: key.clone(), value: value.clone() }),
        Event::Succeeded { output, .. } => {
            step.state = StepState::Succeeded;
            step.output = Some(output.clone());
        }
        Event::Failed { error, .. } => step.state = StepState::Failed(error.clone()),
        Event::UndoStarted { .. } => {
            step.attempts = if step.state == StepState::Undoing { step.attempts + 1 } else { 1 };
            step.state = StepState::Undoing;
        }
        Event::UndoFinished { .. } => step.state = StepState::Undone,
        _ => {}
    }
}

fn check_frame(record: &Record, expected: u64) -> Result<(), LogError> {
    if record.v > RECORD_VERSION {
        return Err(LogError::UnknownVersion { seq: record.seq, found: record.v });
    }
    if record.seq != expected {
        return Err(LogError::Gap { expected, found: record.seq });
    }
    Ok(())
}
