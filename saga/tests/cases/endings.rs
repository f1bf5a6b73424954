//! Every way a run can go, compared with a checked-in outline. `UPDATE_GOLDEN=1 cargo test` writes them anew.

use std::path::Path;
use std::sync::Mutex;

use saga::inject::{Cut, Dying};
use saga::{Executor, MemoryJournal, Outline, Plan, Recorder, RunEnd, RunError, Step, StepError};
use serde_json::{Value, json};

use crate::toy::{Way, World, all_things, plan};

const RUN: &str = "r1";

#[track_caller]
fn assert_golden(name: &str, outline: &Outline) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/golden").join(format!("{name}.txt"));
    let text = format!("{outline}\n");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden, "{name}: run with UPDATE_GOLDEN=1 and look at the difference");
}

#[tokio::test]
async fn done() {
    let (world, journal) = (World::default(), MemoryJournal::new());
    let plan = plan(&[Way::Works, Way::Works, Way::Works]);
    let finished = Executor::new(&journal, &plan).start(RUN, json!("x"), &mut world.clone()).await.unwrap();
    assert_eq!(finished.end, RunEnd::Done);
    assert_eq!(world.things(), all_things(3));
    assert_golden("done", &Outline::of(&finished.log));
}

#[tokio::test]
async fn rolled_back_the_failed_step_included() {
    let (world, journal) = (World::default(), MemoryJournal::new());
    let plan = plan(&[Way::Works, Way::Fails, Way::Works]);
    let finished = Executor::new(&journal, &plan).start(RUN, json!("x"), &mut world.clone()).await.unwrap();
    assert!(matches!(finished.end, RunEnd::RolledBack(why) if why.message == "make does not work"));
    assert!(world.things().is_empty(), "{:?}", world.things());
    assert_golden("rolled_back", &Outline::of(&finished.log));
}

#[tokio::test]
async fn parked_then_resumed_by_a_person() {
    let (world, journal) = (World::default(), MemoryJournal::new());
    let plan = plan(&[Way::Works, Way::Parks, Way::Works]);
    let executor = Executor::new(&journal, &plan);
    let parked = executor.start(RUN, json!("x"), &mut world.clone()).await.unwrap();
    assert_golden("parked", &Outline::of(&parked.log));

    let untouched = executor.recover(RUN, &mut world.clone()).await.unwrap();
    assert_eq!(untouched.log, parked.log, "recovery leaves a parked run alone");

    world.mend();
    let done = executor.resume(RUN, &mut world.clone()).await.unwrap();
    assert_eq!(done.end, RunEnd::Done);
    assert_eq!(world.acts(), 3, "the parked step found its thing again");
    assert_golden("parked_then_done", &Outline::of(&done.log));
}

#[tokio::test]
async fn parked_then_abandoned() {
    let (world, journal) = (World::default(), MemoryJournal::new());
    let plan = plan(&[Way::Works, Way::Parks]);
    let executor = Executor::new(&journal, &plan);
    executor.start(RUN, json!("x"), &mut world.clone()).await.unwrap();
    let finished = executor.abandon(RUN, "the customer left", &mut world.clone()).await.unwrap();
    assert!(matches!(finished.end, RunEnd::RolledBack(_)));
    assert!(world.things().is_empty());
    assert_golden("abandoned", &Outline::of(&finished.log));
}

#[tokio::test]
async fn an_undo_that_fails_rests_until_a_person_came() {
    let (world, journal) = (World::default(), MemoryJournal::new());
    let plan = plan(&[Way::UndoFails, Way::Fails]);
    let executor = Executor::new(&journal, &plan);
    let stuck = executor.start(RUN, json!("x"), &mut world.clone()).await.unwrap();
    assert!(matches!(&stuck.end, RunEnd::Parked(rest) if rest.step == "draw"));
    assert_golden("undo_failed", &Outline::of(&stuck.log));

    world.mend();
    let finished = executor.resume(RUN, &mut world.clone()).await.unwrap();
    assert!(matches!(finished.end, RunEnd::RolledBack(why) if why.message == "make does not work"));
    assert!(world.things().is_empty());
    assert_golden("undo_failed_then_rolled_back", &Outline::of(&finished.log));
}

/// S4-40, reliability faults 1–5: a process that dies in the middle of a step.
#[tokio::test]
async fn cut_off_then_recovered() {
    let (world, journal) = (World::default(), MemoryJournal::new());
    let plan = plan(&[Way::Works, Way::Works]);
    // Record 5 is what `make` notes: it lands, and the process dies before the thing is made.
    let dying = Dying::new(&journal, Cut::After(5));
    let died = Executor::new(&dying, &plan).start(RUN, json!("x"), &mut world.clone()).await;
    assert!(matches!(died, Err(RunError::Journal(_))), "{died:?}");
    assert_eq!(world.acts(), 1);

    let finished = Executor::new(&journal, &plan).recover(RUN, &mut world.clone()).await.unwrap();
    assert_eq!(finished.end, RunEnd::Done);
    assert_golden("cut_off_then_recovered", &Outline::of(&finished.log));
}

/// Acts at once, without any note of its own.
struct Blunt;

impl Step<World> for Blunt {
    fn name(&self) -> &'static str {
        "blunt"
    }

    async fn run(&self, world: &mut World, _rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        world.place("thing");
        Ok(Value::Null)
    }

    async fn undo(&self, world: &mut World, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        world.take_all();
        Ok(())
    }
}

/// DESIGN §4.10: without a durable intent there is no act.
#[tokio::test]
async fn an_intent_that_cannot_be_written_is_not_carried_out() {
    let (world, journal) = (World::default(), MemoryJournal::new());
    let plan = Plan::new("toy", 1).then(Blunt);
    let dying = Dying::new(&journal, Cut::Before(1));
    Executor::new(&dying, &plan).start(RUN, json!("x"), &mut world.clone()).await.unwrap_err();
    assert_eq!((world.acts(), journal.records(RUN).len()), (0, 1));
}

/// Reliability fault 7: a step that keeps killing its process does not do so for ever.
#[tokio::test]
async fn a_step_that_never_ends_is_parked() {
    let (world, journal) = (World::default(), MemoryJournal::new());
    let plan = plan(&[Way::Works]);
    let start = Dying::new(&journal, Cut::After(1));
    Executor::new(&start, &plan).start(RUN, json!("x"), &mut world.clone()).await.unwrap_err();
    for _ in 1..saga::MAX_ATTEMPTS {
        let dying = Dying::new(&journal, Cut::After(0));
        Executor::new(&dying, &plan).recover(RUN, &mut world.clone()).await.unwrap_err();
    }
    let executor = Executor::new(&journal, &plan);
    let parked = executor.recover(RUN, &mut world.clone()).await.unwrap();
    assert!(matches!(parked.end, RunEnd::Parked(_)), "{:?}", parked.end);
    assert_golden("worn_out", &Outline::of(&parked.log));
    let done = executor.resume(RUN, &mut world.clone()).await.unwrap();
    assert_eq!(done.end, RunEnd::Done, "a person may insist");
}

#[tokio::test]
async fn the_hook_hears_every_record_in_order() {
    let (world, journal) = (World::default(), MemoryJournal::new());
    let plan = plan(&[Way::Works, Way::Works]);
    let heard = Mutex::new(Vec::new());
    let executor = Executor::new(&journal, &plan)
        .on_progress(|progress| heard.lock().unwrap().push((progress.record.clone(), progress.step)));
    executor.start(RUN, json!("x"), &mut world.clone()).await.unwrap();
    drop(executor);
    let (records, steps): (Vec<_>, Vec<_>) = heard.into_inner().unwrap().into_iter().unzip();
    assert_eq!(records, journal.records(RUN));
    assert_eq!(steps, [None, Some(0), Some(0), Some(0), Some(1), Some(1), Some(1), None]);
}
