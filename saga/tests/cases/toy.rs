//! A small world of named things, and steps that make them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use saga::{Plan, Recorder, Step, StepError};
use serde_json::{Value, json};

/// The names of all toy steps; a plan of `n` steps uses the first `n`.
pub(crate) const NAMES: [&str; 4] = ["draw", "make", "start", "record"];

/// What exists. It outlives every "process".
#[derive(Debug, Clone, Default)]
pub(crate) struct World(Arc<Mutex<WorldState>>);

#[derive(Debug, Default)]
struct WorldState {
    things: BTreeSet<String>,
    person_came: bool,
    acts: u32,
}

impl World {
    pub(crate) fn things(&self) -> BTreeSet<String> {
        self.0.lock().unwrap().things.clone()
    }

    /// What a person does when a run is parked: from now on nothing parks, and no undo fails.
    pub(crate) fn mend(&self) {
        self.0.lock().unwrap().person_came = true;
    }

    pub(crate) fn acts(&self) -> u32 {
        self.0.lock().unwrap().acts
    }

    /// Makes a thing without any note.
    pub(crate) fn place(&self, thing: &str) {
        self.put(thing);
    }

    pub(crate) fn take_all(&self) {
        self.0.lock().unwrap().things.clear();
    }

    fn mended(&self) -> bool {
        self.0.lock().unwrap().person_came
    }

    fn put(&self, thing: &str) {
        let mut state = self.0.lock().unwrap();
        if state.things.insert(thing.to_owned()) {
            state.acts += 1;
        }
    }

    fn remove(&self, thing: &str) {
        self.0.lock().unwrap().things.remove(thing);
    }
}

/// How a toy step behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Works,
    /// Makes its thing, then fails.
    Fails,
    /// Makes its thing, then asks for a person, until one came.
    Parks,
    /// Works; its undo fails until a person came.
    UndoFails,
    /// Makes its thing, fails, and its undo fails until a person came.
    FailsAndUndoFails,
}

/// Makes one thing, noting it first.
pub(crate) struct Make {
    pub(crate) name: &'static str,
    pub(crate) way: Way,
}

impl Step<World> for Make {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn run(&self, world: &mut World, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let prefix: String = rec.input()?;
        let noted: Option<String> = rec.last_note("thing")?;
        let thing = noted.clone().unwrap_or_else(|| format!("{prefix}-{}", self.name));
        if noted.is_none() {
            rec.note("thing", &thing).await?;
        }
        world.put(&thing);
        match self.way {
            Way::Fails | Way::FailsAndUndoFails => Err(StepError::failed(format!("{} does not work", self.name))),
            Way::Parks if !world.mended() => Err(StepError::park("the disk is full", "make room")),
            _ => Ok(json!({ "thing": thing })),
        }
    }

    async fn undo(&self, world: &mut World, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        if matches!(self.way, Way::UndoFails | Way::FailsAndUndoFails) && !world.mended() {
            return Err(StepError::failed("the thing is stuck"));
        }
        if let Some(thing) = rec.last_note::<String>("thing")? {
            world.remove(&thing);
        }
        Ok(())
    }
}

/// A plan of steps that behave like this, in order.
pub(crate) fn plan(ways: &[Way]) -> Plan<World> {
    let steps = NAMES.iter().zip(ways);
    steps.fold(Plan::new("toy", 1), |plan, (name, way)| plan.then(Make { name, way: *way }))
}

/// What the world holds after all steps of such a plan.
pub(crate) fn all_things(steps: usize) -> BTreeSet<String> {
    NAMES[..steps].iter().map(|name| format!("x-{name}")).collect()
}
