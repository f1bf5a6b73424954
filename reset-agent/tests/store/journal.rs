//! The journal as `saga` uses it: a real run over a real file.

use reset_agent::store::{SqliteJournal, Store};
use saga::inject::{Cut, Dying};
use saga::{
    Claim, Event, Executor, Journal, JournalError, Log, Outcome, Plan, Record, Recorder, RunEnd, Step, StepError,
};
use serde_json::{Value, json};

use crate::fixture::Fixture;

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

/// Dies after the given record and returns the file's journal.
async fn died_at(fixture: &Fixture, run: &str, cut: Cut) -> SqliteJournal {
    let journal = fixture.store.journal();
    let dying = Dying::new(&journal, cut);
    Executor::new(&dying, &plan()).start(run, json!({ "customer": "c" }), &mut 0).await.unwrap_err();
    journal
}

#[tokio::test]
async fn a_run_is_read_back_as_it_was_written() {
    let fixture = Fixture::new().await;
    let journal = fixture.store.journal();
    let finished = Executor::new(&journal, &plan()).start("r1", json!({ "customer": "c" }), &mut 0).await.unwrap();
    let fixture = fixture.reopened().await;
    assert_eq!(fixture.store.journal().log("r1").await.unwrap(), finished.log);
    let runs = fixture.store.journal().runs(10).await.unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!((&runs[0].header, runs[0].outcome), (finished.log.header(), Some(Outcome::Done)));
}

/// The law of cuts over the real store: wherever the process died, a reopened file carries the run to its end.
#[tokio::test]
async fn a_run_cut_anywhere_is_recovered_from_the_file() {
    let mut tried = 0;
    for n in 1..8 {
        for cut in [Cut::Before(n), Cut::After(n)] {
            let fixture = Fixture::new().await;
            drop(died_at(&fixture, "r1", cut).await);
            let fixture = fixture.reopened().await;
            let journal = fixture.store.journal();
            let finished = match journal.unfinished().await.unwrap().as_slice() {
                // Only the `closed` record, number 7, ends a run.
                [] => {
                    assert_eq!(cut, Cut::After(7));
                    continue;
                }
                [header] => Executor::new(&journal, &plan()).recover(&header.run, &mut 0).await.unwrap(),
                more => unreachable!("one run was begun, not {more:?}"),
            };
            assert_eq!(finished.end, RunEnd::Done, "{cut:?}");
            assert_eq!(journal.unfinished().await.unwrap(), []);
            tried += 1;
        }
    }
    assert_eq!(tried, 13);
}

#[tokio::test]
async fn a_run_is_held_by_one() {
    let fixture = Fixture::new().await;
    let journal = died_at(&fixture, "r1", Cut::After(2)).await;
    let (claim, _) = journal.claim("r1").await.unwrap();
    let other = Store::open(&fixture.path).await.unwrap().journal();
    let refused = other.claim("r1").await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("run `r1` is held by process {}: wait for it to end, or stop it", std::process::id())
    );
    drop(claim);
    let (claim, records) = other.claim("r1").await.unwrap();
    assert_eq!((claim.fence(), records.len()), (3, 3));
}

/// Reliability faults 10 and 13: a zombie's record is refused by the fence, whatever it believes to hold.
#[tokio::test]
async fn a_ghost_cannot_write() {
    let fixture = Fixture::new().await;
    let journal = died_at(&fixture, "r1", Cut::After(2)).await;
    let ghost = Claim::new("r1", 1, ());
    let (claim, records) = journal.claim("r1").await.unwrap();
    let log = Log::fold(records).unwrap();
    let record = log.next_record(Event::Note { step: "one".into(), key: "k".into(), value: json!(1) }).unwrap();
    let refused = journal.append(&ghost, &record).await;
    assert!(matches!(refused, Err(JournalError::Fenced { fence: 1, .. })), "{refused:?}");
    journal.append(&claim, &record).await.unwrap();
    let twice = journal.append(&claim, &record).await;
    assert!(matches!(twice, Err(JournalError::Storage { .. })), "a place in the journal is written once: {twice:?}");
}

#[tokio::test]
async fn a_closed_run_takes_no_more_records_and_leaves_no_lock_file() {
    let fixture = Fixture::new().await;
    let journal = fixture.store.journal();
    Executor::new(&journal, &plan()).start("r1", json!(null), &mut 0).await.unwrap();
    let (claim, records) = journal.claim("r1").await.unwrap();
    let late = Record { seq: records.len() as u64, event: Event::Resumed, ..records[0].clone() };
    assert!(matches!(journal.append(&claim, &late).await, Err(JournalError::Fenced { .. })));
    drop(claim);
    Executor::new(&journal, &plan()).start("r2", json!(null), &mut 0).await.unwrap();
    let leases = format!("{}.leases", fixture.path.display());
    let left: Vec<_> = std::fs::read_dir(leases).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["r1.lock"], "only the run that was looked at again");
}

#[tokio::test]
async fn unknown_and_known_runs() {
    let fixture = Fixture::new().await;
    let journal = died_at(&fixture, "r1", Cut::After(2)).await;
    assert!(matches!(journal.claim("r2").await, Err(JournalError::Unknown { .. })));
    assert!(matches!(journal.log("r2").await, Err(JournalError::Unknown { .. })));
    let again = Executor::new(&journal, &plan()).start("r1", json!(null), &mut 0).await;
    assert!(again.unwrap_err().to_string().contains("exists already"));
}
