//! What a step writes down for its own later self.

use std::sync::atomic::{AtomicU64, Ordering};

use saga::{
    Claim, Executor, Header, Journal, JournalError, MemoryJournal, Outcome, Plan, Record, Recorder, RunEnd, RunError,
    Step, StepError,
};
use serde_json::{Value, json};

/// Notes twice, and answers with what it then reads.
struct Notes;

impl Step<()> for Notes {
    fn name(&self) -> &'static str {
        "notes"
    }

    async fn run(&self, _ctx: &mut (), rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        rec.note("task", &"first").await?;
        rec.note("other", &1).await?;
        rec.note("task", &"second").await?;
        let latest: Option<String> = rec.last_note("task")?;
        let never: Option<String> = rec.last_note("never")?;
        Ok(json!({ "run": rec.run_id(), "attempt": rec.attempt(), "latest": latest, "never": never }))
    }

    async fn undo(&self, _ctx: &mut (), _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        Ok(())
    }
}

/// Reads what others recorded.
struct Reads;

impl Step<()> for Reads {
    fn name(&self) -> &'static str {
        "reads"
    }

    async fn run(&self, _ctx: &mut (), rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let input: String = rec.input()?;
        let before: Value = rec.output("notes")?;
        let absent = rec.output::<Value>("later").unwrap_err();
        let misread = rec.input::<u32>().unwrap_err();
        Ok(json!([input, before["latest"], absent.to_string(), misread.to_string()]))
    }

    async fn undo(&self, _ctx: &mut (), _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        Ok(())
    }
}

#[tokio::test]
async fn the_latest_note_counts_and_outputs_reach_later_steps() {
    let journal = MemoryJournal::new();
    let plan = Plan::new("p", 1).then(Notes).then(Reads);
    let finished = Executor::new(&journal, &plan).start("r1", json!("x"), &mut ()).await.unwrap();
    assert_eq!(finished.end, RunEnd::Done);
    let output = |step: &str| finished.log.step(step).unwrap().output.clone().unwrap();
    assert_eq!(output("notes"), json!({ "run": "r1", "attempt": 1, "latest": "second", "never": null }));
    assert_eq!(
        output("reads"),
        json!([
            "x",
            "second",
            "the journal holds no output of step `later`",
            "the run's input is not understood: invalid type: string \"x\", expected u32"
        ])
    );
}

/// Takes no notice of a note that the journal refused.
struct Careless;

impl Step<()> for Careless {
    fn name(&self) -> &'static str {
        "careless"
    }

    async fn run(&self, _ctx: &mut (), rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let refused = rec.note("task", &"t").await;
        Ok(json!(refused.is_err()))
    }

    async fn undo(&self, _ctx: &mut (), _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        Ok(())
    }
}

/// A journal that refuses one record, and takes all others: a full disk that someone cleared in time.
struct Hiccup {
    inner: MemoryJournal,
    refuse: u64,
    asked: AtomicU64,
}

impl Journal for Hiccup {
    async fn open(&self, header: &Header) -> Result<Claim, JournalError> {
        self.inner.open(header).await
    }

    async fn claim(&self, run: &str) -> Result<(Claim, Vec<Record>), JournalError> {
        self.inner.claim(run).await
    }

    async fn append(&self, claim: &Claim, record: &Record) -> Result<(), JournalError> {
        if self.asked.fetch_add(1, Ordering::SeqCst) == self.refuse {
            return Err(JournalError::Storage { action: "write".into(), source: "no space left".into() });
        }
        self.inner.append(claim, record).await
    }

    async fn close(&self, claim: &Claim, record: &Record, outcome: Outcome) -> Result<(), JournalError> {
        self.inner.close(claim, record, outcome).await
    }

    async fn unfinished(&self) -> Result<Vec<Header>, JournalError> {
        self.inner.unfinished().await
    }
}

/// Reliability fault 93: a step that overlooks a refused note must not be recorded as if it had one.
#[tokio::test]
async fn a_refused_note_stops_the_run_whatever_the_step_says() {
    let inner = MemoryJournal::new();
    let journal = Hiccup { inner: inner.clone(), refuse: 1, asked: AtomicU64::new(0) };
    let plan = Plan::new("p", 1).then(Careless);
    let stopped = Executor::new(&journal, &plan).start("r1", json!(null), &mut ()).await;
    assert!(matches!(stopped, Err(RunError::Journal(JournalError::Storage { .. }))), "{stopped:?}");
    assert_eq!(inner.records("r1").len(), 2, "`opened` and `started`, nothing after the refusal");

    let finished = Executor::new(&journal, &plan).recover("r1", &mut ()).await.unwrap();
    assert_eq!(finished.end, RunEnd::Done);
}
