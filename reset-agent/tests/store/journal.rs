//! The journal as `saga` uses it: a real run over a real database.

use std::time::Duration;

use reset_agent::store::{Kind, RunJournal};
use saga::inject::{Cut, Dying};
use saga::{
    Claim, Event, Executor, Finished, Header, Journal, JournalError, Log, Outcome, Plan, Record, Recorder, RunEnd,
    RunError, Step, StepError,
};
use serde_json::{Value, json};

use crate::fixture::{Fixture, LEASE, on_both};

struct Count(&'static str);

impl Step<u32> for Count {
    fn name(&self) -> &'static str {
        self.0
    }

    async fn run(&self, count: &mut u32, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        rec.note("upid", &json!({ "step": self.0 })).await?;
        *count += 1;
        Ok(json!({ "count": count }))
    }

    async fn undo(&self, count: &mut u32, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        *count = 0;
        Ok(())
    }
}

fn plan() -> Plan<u32> {
    Plan::new("count", 1).then(Count("one")).then(Count("two"))
}

/// Claims a run as soon as its last holder's claim is gone: on a server that takes a moment, or the lease's span.
async fn claimed(journal: &RunJournal, run: &str) -> (Claim, Vec<Record>) {
    loop {
        match journal.claim(run).await {
            Err(JournalError::Held { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            claimed => return claimed.unwrap(),
        }
    }
}

/// Takes a run up as soon as its last holder's claim is gone.
async fn recovered(journal: &RunJournal, run: &str) -> Finished {
    loop {
        match Executor::new(journal, &plan()).recover(run, &mut 0).await {
            Err(RunError::Journal(JournalError::Held { .. })) => tokio::time::sleep(Duration::from_millis(20)).await,
            finished => return finished.unwrap(),
        }
    }
}

/// Dies after the given record and returns the store's journal.
async fn died_at(fixture: &Fixture, run: &str, cut: Cut) -> RunJournal {
    let journal = fixture.store.journal();
    let dying = Dying::new(&journal, cut);
    Executor::new(&dying, &plan()).start(run, json!({ "customer": "c" }), &mut 0).await.unwrap_err();
    journal
}

on_both! {
    async fn a_run_is_read_back_as_it_was_written(fixture: Fixture) {
        let journal = fixture.store.journal();
        let finished = Executor::new(&journal, &plan()).start("r1", json!({ "customer": "c" }), &mut 0).await.unwrap();
        let fixture = fixture.reopened().await;
        assert_eq!(fixture.store.journal().log("r1").await.unwrap(), finished.log);
        let runs = fixture.store.journal().runs(10).await.unwrap();
        assert_eq!(runs.len(), 1);
        assert_eq!((&runs[0].header, runs[0].outcome), (finished.log.header(), Some(Outcome::Done)));
    }
}

on_both! {
    /// The law of cuts over the real store: wherever the process died, a reopened file carries the run to its end.
    async fn a_run_cut_anywhere_is_recovered_from_the_store(fixture: Fixture) {
        let mut tried = 0;
        for n in 1..8 {
            for cut in [Cut::Before(n), Cut::After(n)] {
                let fixture = fixture.fresh().await;
                drop(died_at(&fixture, "r1", cut).await);
                let fixture = fixture.reopened().await;
                let journal = fixture.store.journal();
                let finished = match journal.unfinished().await.unwrap().as_slice() {
                    // Only the `closed` record, number 7, ends a run.
                    [] => {
                        assert_eq!(cut, Cut::After(7));
                        continue;
                    }
                    [header] => recovered(&journal, &header.run).await,
                    more => unreachable!("one run was begun, not {more:?}"),
                };
                assert_eq!(finished.end, RunEnd::Done, "{cut:?}");
                assert_eq!(journal.unfinished().await.unwrap(), []);
                tried += 1;
            }
        }
        assert_eq!(tried, 13);
    }
}

on_both! {
    async fn a_run_is_held_by_one(fixture: Fixture) {
        let journal = died_at(&fixture, "r1", Cut::After(2)).await;
        let (claim, _) = claimed(&journal, "r1").await;
        let other = fixture.opened_again().await.journal();
        let refused = other.claim("r1").await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!(
                "run `r1` is held by process {} on {}: wait for it to end, or stop it",
                std::process::id(),
                std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim()
            )
        );
        drop(claim);
        let (claim, records) = claimed(&other, "r1").await;
        assert_eq!((claim.fence(), records.len()), (3, 3));
    }
}

on_both! {
    /// Reliability faults 10 and 13: a zombie's record is refused by the fence, whatever it believes to hold.
    async fn a_ghost_cannot_write(fixture: Fixture) {
        let journal = died_at(&fixture, "r1", Cut::After(2)).await;
        let ghost = Claim::new("r1", 1, ());
        let (claim, records) = claimed(&journal, "r1").await;
        let log = Log::fold(records).unwrap();
        let record = log.next_record(Event::Note { step: "one".into(), key: "k".into(), value: json!(1) }).unwrap();
        let refused = journal.append(&ghost, &record).await;
        assert!(matches!(refused, Err(JournalError::Fenced { fence: 1, .. })), "{refused:?}");
        journal.append(&claim, &record).await.unwrap();
        let twice = journal.append(&claim, &record).await;
        assert!(matches!(twice, Err(JournalError::Storage { .. })), "a place in the journal is written once: {twice:?}");
    }
}

on_both! {
    async fn a_closed_run_takes_no_more_records_and_leaves_no_lock(fixture: Fixture) {
        let journal = fixture.store.journal();
        Executor::new(&journal, &plan()).start("r1", json!(null), &mut 0).await.unwrap();
        let (claim, records) = claimed(&journal, "r1").await;
        let late = Record { seq: records.len() as u64, event: Event::Resumed, ..records[0].clone() };
        assert!(matches!(journal.append(&claim, &late).await, Err(JournalError::Fenced { .. })));
        drop(claim);
        Executor::new(&journal, &plan()).start("r2", json!(null), &mut 0).await.unwrap();
        if fixture.store.kind() == Kind::Postgres {
            return;
        }
        let leases = format!("{}.leases", fixture.path.display());
        let left: Vec<_> = std::fs::read_dir(leases).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["r1.lock"], "only the run that was looked at again");
    }
}

on_both! {
    async fn unknown_and_known_runs(fixture: Fixture) {
        let journal = died_at(&fixture, "r1", Cut::After(2)).await;
        assert!(matches!(journal.claim("r2").await, Err(JournalError::Unknown { .. })));
        assert!(matches!(journal.log("r2").await, Err(JournalError::Unknown { .. })));
        let again = Executor::new(&journal, &plan()).start("r1", json!(null), &mut 0).await;
        assert!(again.unwrap_err().to_string().contains("exists already"));
    }
}

fn begun(run: &str) -> Header {
    Header { run: run.into(), plan: "count".into(), version: 1, steps: vec!["one".into()], input: json!(null) }
}

/// On a server a lease outlives its process; a process that ends in order gives it back first. A file's locks end with
/// the process anyway.
#[tokio::test]
async fn a_closed_stores_runs_are_free_at_once() {
    let fixture = Fixture::postgres().await;
    let other = fixture.opened_again().await.journal();
    let (store, again) = (fixture.opened_again().await, fixture.opened_again().await);
    let kept = store.journal().open(&begun("kept")).await.unwrap();
    let dropped = store.journal().open(&begun("dropped")).await.unwrap();
    let theirs = again.journal().open(&begun("theirs")).await.unwrap();
    for run in ["kept", "dropped"] {
        assert!(matches!(other.claim(run).await, Err(JournalError::Held { .. })), "{run}");
    }
    // This runtime has one thread: what the drop leaves to a task has not run when the store is closed.
    drop(dropped);
    store.close().await;
    for run in ["kept", "dropped"] {
        let (claim, _) = other.claim(run).await.unwrap();
        assert_eq!(claim.fence(), 2, "{run}");
    }
    assert!(matches!(other.claim("theirs").await, Err(JournalError::Held { .. })), "another store's run stays its own");
    drop((kept, theirs));
}

/// A heartbeat that is late by an instant must not hold an ended lease open.
#[tokio::test]
async fn a_lease_that_was_ended_does_not_come_back() {
    let fixture = Fixture::postgres().await;
    let journal = fixture.store.journal();
    let claim = journal.open(&begun("r1")).await.unwrap();
    let log = Log::open(begun("r1"));
    let started = log.next_record(Event::Started { step: "one".into() }).unwrap();
    let mut log = log;
    log.push(started.clone()).unwrap();
    let parked = Event::Parked { step: "one".into(), reason: "look".into(), command: None };
    journal.append(&claim, &started).await.unwrap();
    journal.append(&claim, &log.next_record(parked).unwrap()).await.unwrap();
    // Two beats of the claim, which is still there.
    tokio::time::sleep(Duration::from_secs(LEASE)).await;
    assert_eq!(fixture.opened_again().await.journal().claim("r1").await.unwrap().0.fence(), 2);
}
