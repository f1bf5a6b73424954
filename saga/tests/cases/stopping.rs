//! A run asked to stop does so between two steps, whichever way it goes, and is taken up where it was.

use std::sync::atomic::{AtomicUsize, Ordering};

use saga::{Executor, MemoryJournal, RunEnd, RunError, StepState};
use serde_json::json;

use crate::toy::{Way, World, all_things, plan};

/// Says yes from the `n`th question on.
fn from_question(n: usize) -> impl Fn() -> bool + Send + Sync {
    let asked = AtomicUsize::new(0);
    move || asked.fetch_add(1, Ordering::Relaxed) >= n
}

#[tokio::test]
async fn every_stop_lies_between_two_steps_and_recovery_ends_the_run() {
    for ways in [[Way::Works; 3], [Way::Works, Way::Works, Way::Fails]] {
        let plan = plan(&ways);
        for question in 0..3 {
            let (world, journal) = (World::default(), MemoryJournal::new());
            let stopping = Executor::new(&journal, &plan).until(from_question(question));
            let stopped = stopping.start("r1", json!("x"), &mut world.clone()).await;
            assert!(matches!(stopped, Err(RunError::Stopped { ref run }) if run == "r1"), "{question}: {stopped:?}");
            let taken_up = Executor::new(&journal, &plan).recover("r1", &mut world.clone()).await.unwrap();
            let clean = match taken_up.end {
                RunEnd::Done => all_things(3),
                _ => std::collections::BTreeSet::new(),
            };
            assert_eq!(world.things(), clean, "{ways:?} stopped at {question}");
            let attempts = taken_up.log.steps().iter().map(|step| step.attempts).max();
            assert_eq!(attempts, Some(1), "no step was cut off");
        }
    }
}

#[tokio::test]
async fn a_run_whose_steps_are_all_done_is_closed_although_it_was_asked_to_stop() {
    let (world, journal, plan) = (World::default(), MemoryJournal::new(), plan(&[Way::Works; 2]));
    let ended =
        Executor::new(&journal, &plan).until(from_question(2)).start("r1", json!("x"), &mut world.clone()).await;
    let log = ended.unwrap().log;
    assert!(log.steps().iter().all(|step| step.state == StepState::Succeeded));
}
