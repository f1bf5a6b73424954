//! Ask for the next move, journal the intent, act, journal the result; until the run ends or rests.

use serde_json::Value;
use thiserror::Error;

use crate::event::{Event, Failure, Header, Outcome};
use crate::journal::{Claim, Journal, JournalError};
use crate::log::{Direction, Log, LogError};
use crate::next_move::{Move, Rest, next_move};
use crate::pen::{Hook, Pen, Progress, Write};
use crate::plan::{Plan, PlanError};
use crate::recorder::Recorder;
use crate::step::StepError;

/// Why a run stopped without an end: nothing is lost, recovery takes it up again.
#[derive(Debug, Error)]
pub enum RunError {
    /// The plan cannot be followed, or is not this run's.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The journal did not take or give records.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A record would not fit the log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// It was asked to stop, and did so between two steps.
    #[error("run `{run}` stopped between two steps, as it was asked to: it is taken up again by the next start")]
    Stopped {
        /// The run.
        run: String,
    },
}

/// Where a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEnd {
    /// Every step succeeded.
    Done,
    /// Every step that was started is undone, for this reason.
    RolledBack(Failure),
    /// A person must act.
    Parked(Rest),
}

/// A run that ended or rests, with everything it recorded.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Where it came to.
    pub end: RunEnd,
    /// All it recorded; its outputs are in here.
    pub log: Log,
}

/// Runs plans over a journal. Any number of runs may share one executor, each with its own context.
pub struct Executor<'a, J, C> {
    journal: &'a J,
    plan: &'a Plan<C>,
    hook: Box<Hook<'a>>,
    stop: Box<dyn Fn() -> bool + Send + Sync + 'a>,
}

impl<'a, J: Journal, C: Send> Executor<'a, J, C> {
    /// An executor of this plan that tells nobody of its progress.
    pub fn new(journal: &'a J, plan: &'a Plan<C>) -> Self {
        Self { journal, plan, hook: Box::new(|_| {}), stop: Box::new(|| false) }
    }

    /// Asks `stop` before each step whether to stop there: no step is cut off, and recovery goes on from it.
    #[must_use]
    pub fn until(mut self, stop: impl Fn() -> bool + Send + Sync + 'a) -> Self {
        self.stop = Box::new(stop);
        self
    }

    /// Calls `hook` after each record is durable.
    #[must_use]
    pub fn on_progress(mut self, hook: impl Fn(&Progress<'_>) + Send + Sync + 'a) -> Self {
        self.hook = Box::new(hook);
        self
    }

    /// Begins a run and carries it to its end or rest.
    ///
    /// # Errors
    /// [`RunError`] if it had to stop on the way; a step's failure is no error here but an end.
    pub async fn start(&self, run: &str, input: Value, ctx: &mut C) -> Result<Finished, RunError> {
        self.plan.check()?;
        let header = Header {
            run: run.to_owned(),
            plan: self.plan.name().to_owned(),
            version: self.plan.version(),
            steps: self.plan.step_names().map(ToOwned::to_owned).collect(),
            input,
        };
        let claim = self.journal.open(&header).await?;
        let log = Log::open(header);
        (self.hook)(&Progress { log: &log, record: &log.records()[0], step: None });
        self.drive(&claim, log, ctx).await
    }

    /// Takes up a run whose process died. A parked run stays parked.
    ///
    /// # Errors
    /// [`RunError`]: held by another, begun by another plan, or stopped again.
    pub async fn recover(&self, run: &str, ctx: &mut C) -> Result<Finished, RunError> {
        let (claim, log) = self.take_over(run).await?;
        self.drive(&claim, log, ctx).await
    }

    /// A person sends a resting run on its way again. A run that does not rest is simply recovered.
    ///
    /// # Errors
    /// As [`Executor::recover`].
    pub async fn resume(&self, run: &str, ctx: &mut C) -> Result<Finished, RunError> {
        let (claim, mut log) = self.take_over(run).await?;
        if let Move::Parked(_) = next_move(&log) {
            self.pen(&claim).write(&mut log, Event::Resumed).await?;
        }
        self.drive(&claim, log, ctx).await
    }

    /// A person gives an unfinished run up: everything it started is undone.
    ///
    /// # Errors
    /// As [`Executor::recover`]; [`RunError::Log`] if every step has succeeded already, or the run is closed.
    pub async fn abandon(&self, run: &str, reason: &str, ctx: &mut C) -> Result<Finished, RunError> {
        let (claim, mut log) = self.take_over(run).await?;
        let event = match log.direction() {
            Direction::Forward => Event::Abandoned { reason: reason.to_owned() },
            // It is on its way back already: only wake it.
            Direction::Unwinding(_) => Event::Resumed,
        };
        self.pen(&claim).write(&mut log, event).await?;
        self.drive(&claim, log, ctx).await
    }

    async fn take_over(&self, run: &str) -> Result<(Claim, Log), RunError> {
        self.plan.check()?;
        let (claim, records) = self.journal.claim(run).await?;
        let folded = Log::fold(records);
        let log = folded.map_err(|source| JournalError::Inconsistent { run: run.to_owned(), source })?;
        self.plan.check_fits(log.header())?;
        Ok((claim, log))
    }

    fn pen<'b>(&'b self, claim: &'b Claim) -> Pen<'b, J> {
        Pen { journal: self.journal, claim, hook: &*self.hook }
    }

    async fn drive(&self, claim: &Claim, mut log: Log, ctx: &mut C) -> Result<Finished, RunError> {
        let pen = self.pen(claim);
        loop {
            let next = next_move(&log);
            if (self.stop)() && matches!(next, Move::Run(_) | Move::Resume(_) | Move::Undo(_)) {
                return Err(RunError::Stopped { run: claim.run().to_owned() });
            }
            match next {
                Move::Run(step) | Move::Resume(step) => self.advance(&pen, step, &mut log, ctx).await?,
                Move::Undo(step) => self.retreat(&pen, step, &mut log, ctx).await?,
                Move::Done => return finish(&pen, log, Outcome::Done).await,
                Move::RolledBack => return finish(&pen, log, Outcome::RolledBack).await,
                Move::Parked(rest) => return Ok(Finished { end: RunEnd::Parked(rest), log }),
            }
        }
    }

    async fn advance(&self, pen: &Pen<'_, J>, index: usize, log: &mut Log, ctx: &mut C) -> Result<(), RunError> {
        let step = self.plan.step(index);
        let name = step.name().to_owned();
        pen.write(log, Event::Started { step: name.clone() }).await?;
        let mut rec = Recorder::new(index, log, pen);
        let result = step.run(ctx, &mut rec).await;
        if let Some(broken) = rec.into_broken() {
            return Err(broken);
        }
        let event = match result {
            Ok(output) => Event::Succeeded { step: name, output },
            Err(StepError::Park { reason, command }) => Event::Parked { step: name, reason, command },
            Err(error) => Event::Failed { step: name, error: failure(error) },
        };
        pen.write(log, event).await
    }

    async fn retreat(&self, pen: &Pen<'_, J>, index: usize, log: &mut Log, ctx: &mut C) -> Result<(), RunError> {
        let step = self.plan.step(index);
        let name = step.name().to_owned();
        pen.write(log, Event::UndoStarted { step: name.clone() }).await?;
        let mut rec = Recorder::new(index, log, pen);
        let result = step.undo(ctx, &mut rec).await;
        if let Some(broken) = rec.into_broken() {
            return Err(broken);
        }
        let event = match result {
            Ok(()) => Event::UndoFinished { step: name },
            Err(StepError::Park { reason, command }) => {
                Event::UndoFailed { step: name, error: Failure::new(reason), command }
            }
            Err(error) => Event::UndoFailed { step: name, error: failure(error), command: None },
        };
        pen.write(log, event).await
    }
}

async fn finish<J: Journal>(pen: &Pen<'_, J>, mut log: Log, outcome: Outcome) -> Result<Finished, RunError> {
    if log.outcome().is_none() {
        pen.write(&mut log, Event::Closed { outcome }).await?;
    }
    let end = match (outcome, log.direction()) {
        (Outcome::RolledBack, Direction::Unwinding(why)) => RunEnd::RolledBack(why.clone()),
        _ => RunEnd::Done,
    };
    Ok(Finished { end, log })
}

/// A step's error as data; parking is handled by the callers.
fn failure(error: StepError) -> Failure {
    match error {
        StepError::Failed(failure) => failure,
        StepError::Park { .. } | StepError::Stopped => Failure::new(error.to_string()),
    }
}
