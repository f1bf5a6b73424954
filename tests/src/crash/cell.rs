//! The cells of the matrix. Pure: what each moment is, not how it is brought about.

use std::fmt;

use serde_json::{Value, json};

use super::die::Die;

/// Which way the run goes when it is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The step is run.
    Forward,
    /// The step is undone.
    Undo,
}

/// The moment within a step at which the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moment {
    /// The step's intent is not in the journal.
    BeforeIntent,
    /// The intent is in the journal, and nothing else has happened.
    AfterIntent,
    /// The request has reached the node, which carries it out while the agent is dead already.
    RequestSent,
    /// The request has reached the node, which carries it out only after the recovery came to its end.
    RequestLate,
    /// The node has carried the request out; its answer was never seen.
    AnswerUnseen,
    /// The answer was seen; the task's id did not reach the journal.
    TaskIdUnsaved,
    /// The node's task works.
    TaskRunning,
    /// The step's work is done; that is not in the journal.
    DoneUnsaved,
}

impl Moment {
    /// All of them, in the order of a step.
    pub const ALL: [Self; 8] = [
        Self::BeforeIntent,
        Self::AfterIntent,
        Self::RequestSent,
        Self::RequestLate,
        Self::AnswerUnseen,
        Self::TaskIdUnsaved,
        Self::TaskRunning,
        Self::DoneUnsaved,
    ];

    /// As a column's head.
    pub fn title(self) -> &'static str {
        match self {
            Self::BeforeIntent => "before intent",
            Self::AfterIntent => "after intent",
            Self::RequestSent => "request sent",
            Self::RequestLate => "request late",
            Self::AnswerUnseen => "answer unseen",
            Self::TaskIdUnsaved => "task id unsaved",
            Self::TaskRunning => "task running",
            Self::DoneUnsaved => "done unsaved",
        }
    }
}

/// One death.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The step.
    pub step: &'static str,
    /// Which way it goes.
    pub direction: Direction,
    /// When.
    pub moment: Moment,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match self.direction {
            Direction::Forward => "",
            Direction::Undo => "undo of ",
        };
        write!(f, "{way}{}, {}", self.step, self.moment.title())
    }
}

/// How a moment is brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Strike {
    /// At a record of the journal, by the victim itself.
    Record(Die),
    /// While the node holds this; the victim is killed from outside.
    Held {
        /// The fault, as the node takes it.
        fault: Value,
        /// Lifted only after the recovery.
        late: bool,
    },
}

/// The steps of a provision, and what each asks of the node and leaves to a task: (step, request, task) forward, then
/// on the way back. A step without either has only the moments of its journal.
const STEPS: [(&str, Calls, Calls); 14] = [
    ("resolve", Calls::NONE, Calls::NONE),
    ("reserve", Calls::NONE, Calls::NONE),
    (
        "restore",
        Calls { request: Some("POST /nodes/*/lxc"), task: Some("vzrestore"), noted: true },
        Calls { request: Some("DELETE /nodes/*/lxc/*"), task: Some("vzdestroy"), noted: false },
    ),
    ("reset", Calls { request: Some("PUT /nodes/*/lxc/*/config"), task: None, noted: false }, Calls::NONE),
    // The restore makes the disk as large as it was asked for: this step only looks.
    ("resize", Calls::NONE, Calls::NONE),
    // Nothing is issued where the configuration does not ask for it.
    ("issue", Calls::NONE, Calls::NONE),
    (
        "start",
        Calls { request: Some("POST /nodes/*/lxc/*/status/start"), task: Some("vzstart"), noted: true },
        Calls { request: Some("POST /nodes/*/lxc/*/status/stop"), task: Some("vzstop"), noted: false },
    ),
    ("await", Calls::NONE, Calls::NONE),
    // The lab has no host CA: nothing is signed.
    ("certify", Calls::NONE, Calls::NONE),
    ("verify", Calls::NONE, Calls::NONE),
    ("withdraw", Calls::NONE, Calls::NONE),
    ("hold", Calls::NONE, Calls::NONE),
    ("record", Calls::NONE, Calls::NONE),
    // The lab has no registered customer: nothing is delivered.
    ("secrets", Calls::NONE, Calls::NONE),
];

/// What a step has the node do.
struct Calls {
    request: Option<&'static str>,
    task: Option<&'static str>,
    /// Whether the task's id is journaled.
    noted: bool,
}

impl Calls {
    const NONE: Self = Self { request: None, task: None, noted: false };
}

impl Cell {
    /// Every cell there is, forward first, in the order of the steps.
    pub fn all() -> Vec<Self> {
        let mut cells = Vec::new();
        for direction in [Direction::Forward, Direction::Undo] {
            for (step, ..) in &STEPS {
                let every = Moment::ALL.map(|moment| Self { step, direction, moment });
                cells.extend(every.into_iter().filter(|cell| cell.strike().is_some()));
            }
        }
        cells
    }

    /// Names of the steps.
    pub fn steps() -> impl Iterator<Item = &'static str> {
        STEPS.iter().map(|(step, ..)| *step)
    }

    fn calls(&self) -> &'static Calls {
        let (_, forward, back) = STEPS.iter().find(|(step, ..)| *step == self.step).unwrap_or(&STEPS[0]);
        match self.direction {
            Direction::Forward => forward,
            Direction::Undo => back,
        }
    }

    /// How its moment is brought about; none where the step has no such moment.
    pub(super) fn strike(&self) -> Option<Strike> {
        let calls = self.calls();
        let (intent, done) = match self.direction {
            Direction::Forward => ("started", "succeeded"),
            Direction::Undo => ("undo_started", "undo_finished"),
        };
        let held = |when: &str, late: bool| {
            let to = calls.request?;
            let fault = json!({"request": {"to": to, "when": when, "times": 1, "do": "hold"}});
            Some(Strike::Held { fault, late })
        };
        match self.moment {
            Moment::BeforeIntent => Some(Strike::Record(Die::before(intent, self.step))),
            Moment::AfterIntent => Some(Strike::Record(Die::after(intent, self.step))),
            Moment::RequestSent => held("before", false),
            Moment::RequestLate => held("before", true),
            Moment::AnswerUnseen => held("after", false),
            Moment::TaskIdUnsaved => calls.noted.then(|| Strike::Record(Die::before("note.task", self.step))),
            Moment::TaskRunning => calls.task.map(|task| Strike::Held {
                fault: json!({"task": {"type": task, "times": 1, "do": "hold"}}),
                late: false,
            }),
            Moment::DoneUnsaved => Some(Strike::Record(Die::before(done, self.step))),
        }
    }

    /// The record at which the run is brought to the step's edge, by a first death; none where the strike itself can be
    /// reached from the beginning.
    pub(super) fn edge(&self) -> Option<Die> {
        match (self.direction, self.strike()?) {
            (Direction::Forward, Strike::Record(_)) => None,
            (Direction::Forward, Strike::Held { .. }) => Some(Die::before("started", self.step)),
            // Once the last step is done the run is handed over, and no longer to be undone.
            (Direction::Undo, _) if Self::steps().last() == Some(self.step) => {
                Some(Die::before("succeeded", self.step))
            }
            (Direction::Undo, _) => Some(Die::after("succeeded", self.step)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_steps_are_the_plans() {
        let plan = reset_agent::sagas::provision();
        assert!(plan.step_names().eq(Cell::steps()));
    }

    #[test]
    fn every_step_has_the_moments_of_its_journal_both_ways() {
        let cells: BTreeSet<Cell> = Cell::all().into_iter().collect();
        assert_eq!(cells.len(), Cell::all().len());
        for step in Cell::steps() {
            for direction in [Direction::Forward, Direction::Undo] {
                for moment in [Moment::BeforeIntent, Moment::AfterIntent, Moment::DoneUnsaved] {
                    assert!(cells.contains(&Cell { step, direction, moment }));
                }
            }
        }
    }

    #[test]
    fn what_asks_the_node_has_the_moments_of_a_request() {
        let of = |step: &str| Cell::all().iter().filter(|cell| cell.step == step).count();
        assert_eq!((of("resolve"), of("reset"), of("restore"), of("start")), (6, 9, 15, 15));
    }
}
