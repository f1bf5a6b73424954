//! The kinds of record a run leaves behind, and their form on disk.

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Version of the record format this crate writes; older ones are read, newer ones refused.
pub const RECORD_VERSION: u32 = 1;

/// One line of a run's journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of the record's form, [`RECORD_VERSION`] when written by this crate.
    pub v: u32,
    /// Place in the run: 0, 1, 2, … without gaps.
    pub seq: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What a run is: its first record, never changed afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The run's own id, unique in its journal.
    pub run: String,
    /// Name of the plan it follows.
    pub plan: String,
    /// Version of that plan: a run is only ever continued by the version that began it.
    pub version: u32,
    /// The plan's steps in order.
    pub steps: Vec<String>,
    /// What the run was asked to do, as the plan's steps understand it.
    pub input: Value,
}

/// What happened. Steps are named, so that a record read alone still says where it belongs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The run was accepted.
    Opened(Header),
    /// Intent: the step is about to run. Again, if a crash cut off an earlier attempt.
    Started {
        /// Name of the step.
        step: String,
    },
    /// Something the step (or its undo) must find again after a crash.
    Note {
        /// Name of the step.
        step: String,
        /// What the note is about, in the step's own words.
        key: String,
        /// The fact itself.
        value: Value,
    },
    /// The step did its work.
    Succeeded {
        /// Name of the step.
        step: String,
        /// What later steps and the undo may rely on.
        output: Value,
    },
    /// The step gave up; from here the run unwinds.
    Failed {
        /// Name of the step.
        step: String,
        /// Why.
        error: Failure,
    },
    /// The step cannot go on before a person acts.
    Parked {
        /// Name of the step.
        step: String,
        /// What is wrong.
        reason: String,
        /// What the person should run, or nothing when looking is all one can say.
        command: Option<String>,
    },
    /// A person sent a resting run on its way again; attempts are counted anew.
    Resumed,
    /// A person gave the run up: it unwinds although no step failed.
    Abandoned {
        /// Why.
        reason: String,
    },
    /// Intent: the step is about to be undone. Again, if a crash cut off an earlier attempt.
    UndoStarted {
        /// Name of the step.
        step: String,
    },
    /// Nothing of the step is left.
    UndoFinished {
        /// Name of the step.
        step: String,
    },
    /// The undo could not make the step's work absent: the run rests.
    UndoFailed {
        /// Name of the step.
        step: String,
        /// Why.
        error: Failure,
        /// What the person should run, where the step knows it.
        command: Option<String>,
    },
    /// The run is over; nothing follows.
    Closed {
        /// How it ended.
        outcome: Outcome,
    },
}

impl Event {
    /// The step this event is about; run-wide events have none.
    pub fn step(&self) -> Option<&str> {
        match self {
            Event::Started { step }
            | Event::Note { step, .. }
            | Event::Succeeded { step, .. }
            | Event::Failed { step, .. }
            | Event::Parked { step, .. }
            | Event::UndoStarted { step }
            | Event::UndoFinished { step }
            | Event::UndoFailed { step, .. } => Some(step),
            Event::Opened(_) | Event::Resumed | Event::Abandoned { .. } | Event::Closed { .. } => None,
        }
    }

    /// The event's kind as it stands in the journal.
    pub fn kind(&self) -> &'static str {
        match self {
            Event::Opened(_) => "opened",
            Event::Started { .. } => "started",
            Event::Note { .. } => "note",
            Event::Succeeded { .. } => "succeeded",
            Event::Failed { .. } => "failed",
            Event::Parked { .. } => "parked",
            Event::Resumed => "resumed",
            Event::Abandoned { .. } => "abandoned",
            Event::UndoStarted { .. } => "undo_started",
            Event::UndoFinished { .. } => "undo_finished",
            Event::UndoFailed { .. } => "undo_failed",
            Event::Closed { .. } => "closed",
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every step succeeded.
    Done,
    /// Every step that was started is undone.
    RolledBack,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::Done => "done",
            Outcome::RolledBack => "rolled back",
        })
    }
}

/// An error as data: what went wrong and, link by link, why. It survives a restart; the original type does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What went wrong.
    pub message: String,
    /// The chain of causes, nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
}

impl Failure {
    /// A failure that has no deeper cause.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), causes: Vec::new() }
    }

    /// An error with its whole chain of sources.
    pub fn from_error(error: &(dyn Error + 'static)) -> Self {
        let causes =
            std::iter::successors(error.source(), |cause| (*cause).source()).map(ToString::to_string).collect();
        Self { message: error.to_string(), causes }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.causes.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_flat_json_object() {
        let record = Record { v: RECORD_VERSION, seq: 3, event: Event::Started { step: "restore".into() } };
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(text, r#"{"v":1,"seq":3,"kind":"started","step":"restore"}"#);
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
    }

    #[test]
    fn a_failure_keeps_the_whole_chain() {
        let inner = "x".parse::<u8>().unwrap_err();
        let outer = std::io::Error::other(inner);
        let failure = Failure::from_error(&Wrapped(outer));
        assert_eq!(failure.message, "cannot read the digit");
        assert_eq!(failure.to_string(), "cannot read the digit: invalid digit found in string");
    }

    #[derive(Debug)]
    struct Wrapped(std::io::Error);
    impl fmt::Display for Wrapped {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("cannot read the digit")
        }
    }
    impl Error for Wrapped {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }
}
