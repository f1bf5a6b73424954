//! The journal cut before and after every record, forward and on the way back.

use saga::inject::{Cut, Dying, Faults, Strike};
use saga::{Executor, Finished, MemoryJournal, Plan};

use crate::bench::{Bench, expect_done, expect_unwound, input, plan};
use reset_agent::context::Context;

async fn start(bench: &Bench, plan: &Plan<Context>) -> Finished {
    let journal = MemoryJournal::new();
    Executor::new(&journal, plan).start(&bench.run, input(), &mut bench.context.clone()).await.unwrap()
}

/// Stops the run at a record, takes it up again as another process would.
async fn cut_and_recover(bench: &Bench, faults: Faults, cut: Cut) -> Option<Finished> {
    let plan = faults.into_plan(plan());
    let journal = MemoryJournal::new();
    let dying = Dying::new(&journal, cut);
    let died = Executor::new(&dying, &plan).start(&bench.run, input(), &mut bench.context.clone()).await;
    assert!(died.is_err(), "the run did not stop at {cut:?}");
    if cut == Cut::Before(0) {
        return None;
    }
    Some(Executor::new(&journal, &plan).recover(&bench.run, &mut bench.context.clone()).await.unwrap())
}

async fn cut_everywhere(faults: Faults) -> u64 {
    cut_everywhere_on(faults, |_| ()).await
}

/// The same on nodes that were used before.
async fn cut_everywhere_on(faults: Faults, used: fn(&Bench)) -> u64 {
    let reference = Bench::new().await;
    used(&reference);
    let records = start(&reference, &faults.into_plan(plan())).await.log.next_seq();
    for n in 0..records {
        for cut in [Cut::Before(n), Cut::After(n)] {
            let place = format!("{cut:?} of {records} with {faults:?}");
            let bench = Bench::new().await;
            used(&bench);
            match (cut_and_recover(&bench, faults, cut).await, faults.fail) {
                (None, _) => bench.expect_clean_slate(&place).await,
                (Some(finished), None) => {
                    expect_done(&finished.end, &place);
                    bench.expect_one_guest(&place);
                }
                (Some(finished), Some(_)) => {
                    expect_unwound(&finished.end, &place);
                    bench.expect_clean_slate(&place).await;
                }
            }
        }
    }
    records
}

#[tokio::test]
async fn i4_a_run_cut_at_any_record_ends_with_one_guest() {
    assert!(cut_everywhere(Faults::default()).await > 12);
}

/// Crash matrix, `restore, after intent`: the restore of a guest that had the number until a minute ago was taken for
/// this run's own, whose guest somebody removed.
#[tokio::test]
async fn i4_a_run_on_a_number_that_was_used_a_minute_ago_ends_with_one_guest() {
    cut_everywhere_on(Faults::default(), |bench| drop(bench.node.world().task("vzrestore", "200", "OK"))).await;
}

#[tokio::test]
async fn i2_an_undo_cut_at_any_record_leaves_nothing() {
    let last = plan().step_names().count() - 1;
    assert!(cut_everywhere(Faults { fail: Some((last, Strike::AfterActing)), ..Faults::default() }).await > 24);
}

#[tokio::test]
async fn i2_failing_at_any_step_leaves_nothing() {
    for step in 0..plan().step_names().count() {
        for strike in [Strike::BeforeActing, Strike::AfterActing] {
            for undo_twice in [false, true] {
                let faults = Faults { fail: Some((step, strike)), undo_twice, ..Faults::default() };
                let place = format!("{faults:?}");
                let bench = Bench::new().await;
                expect_unwound(&start(&bench, &faults.into_plan(plan())).await.end, &place);
                bench.expect_clean_slate(&place).await;
            }
        }
    }
}

#[tokio::test]
async fn every_step_done_twice_is_done_once() {
    let bench = Bench::new().await;
    let faults = Faults { run_twice: true, ..Faults::default() };
    expect_done(&start(&bench, &faults.into_plan(plan())).await.end, "twice");
    bench.expect_one_guest("twice");
}
