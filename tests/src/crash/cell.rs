//! The cells of the matrix. Pure: what each moment is, not how it is brought about.

use std::fmt;

use serde_json::{Value, json};

use super::die::Die;
use super::table::{Call, TABLES, Table};

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

    /// Whether it is one of each call, and not of the step's journal.
    fn is_of_a_call(self) -> bool {
        !matches!(self, Self::BeforeIntent | Self::AfterIntent | Self::DoneUnsaved)
    }
}

/// One death.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The plan.
    pub plan: &'static str,
    /// The step.
    pub step: &'static str,
    /// Which way it goes.
    pub direction: Direction,
    /// When.
    pub moment: Moment,
    /// In which of the step's calls; 0 for the moments of its journal.
    pub call: usize,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match self.direction {
            Direction::Forward => "",
            Direction::Undo => "undo of ",
        };
        write!(f, "{}: {way}{}, {}", self.plan, self.step, self.moment.title())?;
        match self.calls() {
            calls if calls.len() > 1 && self.moment.is_of_a_call() => write!(f, " ({})", calls[self.call].title()),
            _ => Ok(()),
        }
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

impl Cell {
    /// Every cell there is, plan by plan, forward first, in the order of the steps.
    pub fn all() -> Vec<Self> {
        let mut cells = Vec::new();
        for table in &TABLES {
            for direction in [Direction::Forward, Direction::Undo] {
                for step in table.steps() {
                    cells.extend(Self::of_step(table.plan, step, direction));
                }
            }
        }
        cells
    }

    fn of_step(plan: &'static str, step: &'static str, direction: Direction) -> Vec<Self> {
        let cell = |moment, call| Self { plan, step, direction, moment, call };
        let calls = cell(Moment::BeforeIntent, 0).calls().len().max(1);
        let every = Moment::ALL.into_iter().flat_map(|moment| {
            let calls = if moment.is_of_a_call() { calls } else { 1 };
            (0..calls).map(move |call| cell(moment, call))
        });
        every.filter(|cell| cell.strike().is_some()).collect()
    }

    /// What its step asks of the node on its way.
    fn calls(&self) -> &'static [Call] {
        let row = Table::of(self.plan).and_then(|table| table.rows.iter().find(|(step, ..)| *step == self.step));
        match (row, self.direction) {
            (Some((_, forward, _)), Direction::Forward) => forward,
            (Some((_, _, back)), Direction::Undo) => back,
            (None, _) => &[],
        }
    }

    /// How its moment is brought about; none where the step has no such moment.
    pub(super) fn strike(&self) -> Option<Strike> {
        let call = self.calls().get(self.call);
        let (intent, done) = match self.direction {
            Direction::Forward => ("started", "succeeded"),
            Direction::Undo => ("undo_started", "undo_finished"),
        };
        let held = |when: &str, late: bool| {
            let fault = json!({"request": {"to": call?.request, "when": when, "times": 1, "do": "hold"}});
            Some(Strike::Held { fault, late })
        };
        match self.moment {
            Moment::BeforeIntent => Some(Strike::Record(Die::before(intent, self.step))),
            Moment::AfterIntent => Some(Strike::Record(Die::after(intent, self.step))),
            Moment::RequestSent => held("before", false),
            Moment::RequestLate => held("before", true),
            Moment::AnswerUnseen => held("after", false),
            Moment::TaskIdUnsaved => call?.noted.then(|| Strike::Record(Die::before("note.task", self.step))),
            Moment::TaskRunning => {
                let task = call?.task?;
                let fault = json!({"task": {"type": task, "times": 1, "do": "hold"}});
                Some(Strike::Held { fault, late: false })
            }
            Moment::DoneUnsaved => Some(Strike::Record(Die::before(done, self.step))),
        }
    }

    /// The record at which the run is brought to the step's edge, by a first death; none where the strike itself can be
    /// reached from the beginning.
    pub(super) fn edge(&self) -> Option<Die> {
        let last = Table::of(self.plan).and_then(|table| table.steps().last());
        match (self.direction, self.strike()?) {
            (Direction::Forward, Strike::Record(_)) => None,
            (Direction::Forward, Strike::Held { .. }) => Some(Die::before("started", self.step)),
            // Once the last step is done the run is handed over, and no longer to be undone.
            (Direction::Undo, _) if last == Some(self.step) => Some(Die::before("succeeded", self.step)),
            (Direction::Undo, _) => Some(Die::after("succeeded", self.step)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_step_has_the_moments_of_its_journal_both_ways() {
        let cells: BTreeSet<Cell> = Cell::all().into_iter().collect();
        assert_eq!(cells.len(), Cell::all().len());
        for table in &TABLES {
            for (step, direction) in
                table.steps().flat_map(|step| [(step, Direction::Forward), (step, Direction::Undo)])
            {
                for moment in [Moment::BeforeIntent, Moment::AfterIntent, Moment::DoneUnsaved] {
                    assert!(cells.contains(&Cell { plan: table.plan, step, direction, moment, call: 0 }));
                }
            }
        }
    }

    #[test]
    fn what_asks_the_node_has_the_moments_of_a_request() {
        let of = |name: &str| Cell::all().iter().filter(|cell| format!("{}: {}", cell.plan, cell.step) == name).count();
        assert_eq!([of("provision: resolve"), of("provision: reset"), of("provision: restore")], [6, 9, 15]);
        // Stop and destruction, four moments each.
        assert_eq!([of("destroy: forget"), of("destroy: remove")], [6, 14]);
    }

    #[test]
    fn no_two_cells_have_one_name() {
        let names: BTreeSet<String> = Cell::all().iter().map(Cell::to_string).collect();
        assert_eq!(names.len(), Cell::all().len());
    }
}
