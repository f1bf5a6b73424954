//! A run on a number that was used before, cut before and after every record. The laws are tried on fresh nodes.

use reset_agent::context::Context;
use saga::inject::{Cut, Dying};
use saga::{Executor, Finished, MemoryJournal, Plan};

use crate::bench::{Bench, expect_done, input, plan};

async fn start(bench: &Bench, plan: &Plan<Context>) -> Finished {
    let journal = MemoryJournal::new();
    Executor::new(&journal, plan).start(&bench.run, input(), &mut bench.context.clone()).await.unwrap()
}

/// Stops the run at a record, takes it up again as another process would.
async fn cut_and_recover(bench: &Bench, cut: Cut) -> Option<Finished> {
    let (plan, journal) = (plan(), MemoryJournal::new());
    let dying = Dying::new(&journal, cut);
    let died = Executor::new(&dying, &plan).start(&bench.run, input(), &mut bench.context.clone()).await;
    assert!(died.is_err(), "the run did not stop at {cut:?}");
    if cut == Cut::Before(0) {
        return None;
    }
    Some(Executor::new(&journal, &plan).recover(&bench.run, &mut bench.context.clone()).await.unwrap())
}

/// A node on which a guest of the number to be was restored a minute ago.
async fn used() -> Bench {
    let bench = Bench::new().await;
    bench.node.world().task("vzrestore", "200", "OK");
    bench
}

/// Crash matrix, `restore, after intent`: the restore of a guest that had the number until a minute ago was taken for
/// this run's own, whose guest somebody removed.
#[tokio::test]
async fn i4_a_run_on_a_number_that_was_used_a_minute_ago_ends_with_one_guest() {
    let records = start(&used().await, &plan()).await.log.next_seq();
    assert!(records > 12);
    for n in 0..records {
        for cut in [Cut::Before(n), Cut::After(n)] {
            let (place, bench) = (format!("{cut:?} of {records}"), used().await);
            match cut_and_recover(&bench, cut).await {
                None => bench.expect_clean_slate(&place).await,
                Some(finished) => {
                    expect_done(&finished.end, &place);
                    bench.expect_one_guest(&place);
                }
            }
        }
    }
}
