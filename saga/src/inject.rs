//! Faults on purpose, for tests: a run that dies at a record, a step that fails, a step that is done twice.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::event::{Header, Outcome, Record};
use crate::journal::{Claim, Journal, JournalError};
use crate::plan::Plan;
use crate::recorder::Recorder;
use crate::step::{AnyStep, Step, StepError};

/// At which moment of the n-th record (the `opened` record is number 0) the process "dies".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The record never lands: what it tells of may have happened.
    Before(u64),
    /// The record lands, and nothing happens after it.
    After(u64),
}

/// A journal whose writer dies at a [`Cut`]: from then on every write is refused.
#[derive(Debug)]
pub struct Dying<'a, J> {
    inner: &'a J,
    cut: Cut,
    written: AtomicU64,
}

impl<'a, J: Journal> Dying<'a, J> {
    /// Counts records from 0, `opened` included when this journal opens the run.
    pub fn new(inner: &'a J, cut: Cut) -> Self {
        Self { inner, cut, written: AtomicU64::new(0) }
    }

    fn died() -> JournalError {
        JournalError::Storage { action: "write: the test stopped this process".to_owned(), source: "injected".into() }
    }

    /// Before the write: the number of this record, or death.
    fn begin(&self) -> Result<u64, JournalError> {
        let n = self.written.fetch_add(1, Ordering::SeqCst);
        let dead = match self.cut {
            Cut::Before(cut) => n >= cut,
            Cut::After(cut) => n > cut,
        };
        if dead { Err(Self::died()) } else { Ok(n) }
    }

    /// After the write.
    fn end(&self, n: u64) -> Result<(), JournalError> {
        if self.cut == Cut::After(n) { Err(Self::died()) } else { Ok(()) }
    }
}

impl<J: Journal> Journal for Dying<'_, J> {
    async fn open(&self, header: &Header) -> Result<Claim, JournalError> {
        let n = self.begin()?;
        let claim = self.inner.open(header).await?;
        self.end(n).map(|()| claim)
    }

    async fn claim(&self, run: &str) -> Result<(Claim, Vec<Record>), JournalError> {
        self.inner.claim(run).await
    }

    async fn append(&self, claim: &Claim, record: &Record) -> Result<(), JournalError> {
        let n = self.begin()?;
        self.inner.append(claim, record).await?;
        self.end(n)
    }

    async fn close(&self, claim: &Claim, record: &Record, outcome: Outcome) -> Result<(), JournalError> {
        let n = self.begin()?;
        self.inner.close(claim, record, outcome).await?;
        self.end(n)
    }

    async fn unfinished(&self) -> Result<Vec<Header>, JournalError> {
        self.inner.unfinished().await
    }
}

/// When an injected failure strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// Before the step acted.
    BeforeActing,
    /// After it acted: the error says no, the world says yes.
    AfterActing,
}

/// What to inject into a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// This step fails.
    pub fail: Option<(usize, Strike)>,
    /// Every `run` is done twice.
    pub run_twice: bool,
    /// Every `undo` is done twice.
    pub undo_twice: bool,
}

impl Faults {
    /// The plan with these faults in it. Name and version stay: runs of the one can be recovered with the other.
    pub fn into_plan<C: Send + 'static>(self, plan: Plan<C>) -> Plan<C> {
        plan.map(|index, inner| {
            let fail = self.fail.and_then(|(at, strike)| (at == index).then_some(strike));
            Box::new(Faulty { inner, fail, run_twice: self.run_twice, undo_twice: self.undo_twice })
        })
    }
}

/// Message of an injected failure.
pub const INJECTED: &str = "injected failure";

struct Faulty<C> {
    inner: Box<dyn AnyStep<C>>,
    fail: Option<Strike>,
    run_twice: bool,
    undo_twice: bool,
}

impl<C: Send> Step<C> for Faulty<C> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    async fn run(&self, ctx: &mut C, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        if self.fail == Some(Strike::BeforeActing) {
            return Err(StepError::failed(INJECTED));
        }
        if self.run_twice {
            self.inner.run(ctx, rec).await?;
        }
        let output = self.inner.run(ctx, rec).await?;
        if self.fail == Some(Strike::AfterActing) {
            return Err(StepError::failed(INJECTED));
        }
        Ok(output)
    }

    async fn undo(&self, ctx: &mut C, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        if self.undo_twice {
            self.inner.undo(ctx, rec).await?;
        }
        self.inner.undo(ctx, rec).await
    }
}
