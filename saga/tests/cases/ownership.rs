//! Who may write a run, and which plan may go on with it.

use saga::inject::{Cut, Dying};
use saga::{Claim, Event, Executor, Journal, JournalError, Log, LogError, MemoryJournal, Plan, PlanError, RunError};
use serde_json::json;

use crate::toy::{Make, Way, World, plan};

/// A journal with one unfinished run, `r1`, of a plan of two steps.
async fn unfinished_run(world: &World) -> MemoryJournal {
    let journal = MemoryJournal::new();
    let plan = plan(&[Way::Works, Way::Works]);
    let dying = Dying::new(&journal, Cut::After(2));
    Executor::new(&dying, &plan).start("r1", json!("x"), &mut world.clone()).await.unwrap_err();
    journal
}

#[tokio::test]
async fn a_run_held_by_someone_alive_is_left_alone() {
    let world = World::default();
    let journal = unfinished_run(&world).await;
    let (claim, _) = journal.claim("r1").await.unwrap();
    let plan = plan(&[Way::Works, Way::Works]);
    let refused = Executor::new(&journal, &plan).recover("r1", &mut world.clone()).await;
    assert!(matches!(refused, Err(RunError::Journal(JournalError::Held { .. }))), "{refused:?}");
    drop(claim);
    Executor::new(&journal, &plan).recover("r1", &mut world.clone()).await.unwrap();
}

/// Reliability fault 10: the fence rejects the zombie.
#[tokio::test]
async fn a_ghost_cannot_write() {
    let journal = unfinished_run(&World::default()).await;
    let (claim, records) = journal.claim("r1").await.unwrap();
    let record = Log::fold(records).unwrap().next_record(Event::Resumed).unwrap();
    let ghost = Claim::new("r1", claim.fence() - 1, ());
    let refused = journal.append(&ghost, &record).await;
    assert!(matches!(refused, Err(JournalError::Fenced { fence: 1, .. })), "{refused:?}");
    journal.append(&claim, &record).await.unwrap();
}

#[tokio::test]
async fn a_journal_that_lost_or_doubled_a_record_is_not_believed() {
    let world = World::default();
    let journal = unfinished_run(&world).await;
    let whole = journal.records("r1");
    let lost = [&whole[..1], &whole[2..]].concat();
    let doubled = [&whole[..2], &whole[1..]].concat();
    for (records, gap) in [(lost, (1, 2)), (doubled, (2, 1))] {
        let journal = MemoryJournal::new();
        journal.plant("r1", records);
        let plan = plan(&[Way::Works, Way::Works]);
        let refused = Executor::new(&journal, &plan).recover("r1", &mut world.clone()).await.unwrap_err();
        let RunError::Journal(JournalError::Inconsistent { source: LogError::Gap { expected, found }, .. }) = refused
        else {
            unreachable!("{refused:?}")
        };
        assert_eq!((expected, found), gap);
    }
}

#[tokio::test]
async fn a_closed_run_is_not_unfinished_and_does_nothing_more() {
    let world = World::default();
    let journal = unfinished_run(&world).await;
    assert_eq!(journal.unfinished().await.unwrap().len(), 1);
    let plan = plan(&[Way::Works, Way::Works]);
    let executor = Executor::new(&journal, &plan);
    executor.recover("r1", &mut world.clone()).await.unwrap();
    assert_eq!(journal.unfinished().await.unwrap(), []);
    let records = journal.records("r1").len();
    executor.recover("r1", &mut world.clone()).await.unwrap();
    assert_eq!(journal.records("r1").len(), records);
    let refused = executor.abandon("r1", "too late", &mut world.clone()).await;
    assert!(matches!(refused, Err(RunError::Log(_))), "{refused:?}");
    assert_eq!(world.things().len(), 2);
}

/// Reliability fault 11: an upgrade in the middle of a run.
#[tokio::test]
async fn another_version_of_the_plan_does_not_touch_the_run() {
    let world = World::default();
    let journal = unfinished_run(&world).await;
    let newer =
        Plan::new("toy", 2).then(Make { name: "draw", way: Way::Works }).then(Make { name: "make", way: Way::Works });
    let refused = Executor::new(&journal, &newer).recover("r1", &mut world.clone()).await;
    assert!(matches!(refused, Err(RunError::Plan(PlanError::Mismatch { .. }))), "{refused:?}");
    let shorter = plan(&[Way::Works]);
    let refused = Executor::new(&journal, &shorter).recover("r1", &mut world.clone()).await;
    assert!(matches!(refused, Err(RunError::Plan(PlanError::Mismatch { .. }))), "{refused:?}");
}

#[tokio::test]
async fn plans_that_journals_could_not_follow_are_refused() {
    let (journal, mut world) = (MemoryJournal::new(), World::default());
    let empty = Plan::new("toy", 1);
    let refused = Executor::new(&journal, &empty).start("r1", json!("x"), &mut world).await;
    assert!(matches!(refused, Err(RunError::Plan(PlanError::Empty { .. }))), "{refused:?}");
    let twice = Plan::new("toy", 1).then(Make { name: "a", way: Way::Works }).then(Make { name: "a", way: Way::Works });
    let refused = Executor::new(&journal, &twice).start("r1", json!("x"), &mut world).await;
    assert!(matches!(refused, Err(RunError::Plan(PlanError::DuplicateStep { .. }))), "{refused:?}");
}

#[tokio::test]
async fn run_ids_are_used_once() {
    let world = World::default();
    let journal = unfinished_run(&world).await;
    let plan = plan(&[Way::Works, Way::Works]);
    let refused = Executor::new(&journal, &plan).start("r1", json!("x"), &mut world.clone()).await;
    assert!(matches!(refused, Err(RunError::Journal(JournalError::Exists { .. }))), "{refused:?}");
}

/// Many runs at once, each on its own task: futures of runs can be sent between threads.
#[tokio::test]
async fn runs_share_a_journal_and_do_not_disturb_each_other() {
    let journal = MemoryJournal::new();
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..8 {
        let journal = journal.clone();
        tasks.spawn(async move {
            let (plan, world) = (plan(&[Way::Works, Way::Works]), World::default());
            Executor::new(&journal, &plan).start(&format!("r{n}"), json!("x"), &mut world.clone()).await.unwrap();
            world.things().len()
        });
    }
    assert_eq!(tasks.join_all().await, [2; 8]);
    assert_eq!(journal.unfinished().await.unwrap(), []);
}
