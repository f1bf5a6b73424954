//! What each step of a plan asks of the node, forward and on the way back: a table for each plan that is struck.
//!
//! A step that asks nothing is one line, and so is one that asks one thing. Whoever adds a step to a plan adds its line
//! here: a test holds the tables against the plans.

use reset_agent::sagas::{CLAIM, DESTROY, PROVISION};

/// A request that changes something, and the task that it is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Call {
    /// As the node's faults name it.
    pub(super) request: &'static str,
    pub(super) task: Option<&'static str>,
    /// Whether the task's id is journaled.
    pub(super) noted: bool,
}

impl Call {
    const fn of(request: &'static str) -> Self {
        Self { request, task: None, noted: false }
    }

    const fn task(request: &'static str, task: &'static str) -> Self {
        Self { request, task: Some(task), noted: false }
    }

    const fn noted(request: &'static str, task: &'static str) -> Self {
        Self { request, task: Some(task), noted: true }
    }

    /// What it is called beside another of the same step.
    pub(super) fn title(&self) -> &'static str {
        self.task.unwrap_or(self.request)
    }
}

const RESTORE: Call = Call::noted("POST /nodes/*/lxc", "vzrestore");
const CONFIGURE: Call = Call::of("PUT /nodes/*/lxc/*/config");
const START: Call = Call::noted("POST /nodes/*/lxc/*/status/start", "vzstart");
const STOP: Call = Call::task("POST /nodes/*/lxc/*/status/stop", "vzstop");
const DESTRUCTION: Call = Call::task("DELETE /nodes/*/lxc/*", "vzdestroy");

/// A step: its name, its calls forward, its calls on the way back.
pub(super) type Row = (&'static str, &'static [Call], &'static [Call]);

/// The steps of a plan.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) plan: &'static str,
    pub(super) rows: &'static [Row],
}

/// All of them, in the order in which they are played.
pub(super) const TABLES: [Table; 3] = [
    Table {
        plan: PROVISION,
        rows: &[
            ("resolve", &[], &[]),
            ("reserve", &[], &[]),
            ("restore", &[RESTORE], &[DESTRUCTION]),
            ("reset", &[CONFIGURE], &[]),
            // The restore makes the disk as large as it was asked for: this step only looks.
            ("resize", &[], &[]),
            // No further volumes are asked for.
            ("mount", &[], &[]),
            // Nothing is issued where the configuration does not ask for it.
            ("issue", &[], &[]),
            ("start", &[START], &[STOP]),
            ("await", &[], &[]),
            // The lab has no host CA: nothing is signed.
            ("certify", &[], &[]),
            ("verify", &[], &[]),
            ("withdraw", &[], &[]),
            ("hold", &[], &[]),
            ("record", &[], &[]),
            // The helper delivers them, not the node.
            ("secrets", &[], &[]),
        ],
    },
    Table {
        plan: CLAIM,
        rows: &[
            ("reserve", &[], &[]),
            ("resolve", &[], &[]),
            // A guest of the lab's pool waits stopped: only the mark is written.
            ("restore", &[CONFIGURE], &[DESTRUCTION]),
            ("reset", &[CONFIGURE], &[]),
            ("start", &[START], &[STOP]),
            ("await", &[], &[]),
            // The lab has no host CA: nothing is signed.
            ("certify", &[], &[]),
            ("verify", &[], &[]),
            ("hold", &[], &[]),
            ("record", &[], &[]),
            ("secrets", &[], &[]),
        ],
    },
    Table {
        plan: DESTROY,
        rows: &[
            // The helper takes them out, not the node.
            ("secrets", &[], &[]),
            ("remove", &[STOP, DESTRUCTION], &[]),
            ("forget", &[], &[]),
            ("record", &[], &[]),
        ],
    },
];

impl Table {
    /// The table of a plan.
    pub(super) fn of(plan: &str) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.plan == plan)
    }

    /// Names of the steps, in their order.
    pub(super) fn steps(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.rows.iter().map(|(step, ..)| *step)
    }
}

#[cfg(test)]
mod tests {
    use reset_agent::sagas::Plans;

    use super::*;

    #[test]
    fn the_steps_are_the_plans() {
        let plans = Plans::all();
        for table in &TABLES {
            assert!(plans.named(table.plan).unwrap().step_names().eq(table.steps()), "{}", table.plan);
        }
    }
}
