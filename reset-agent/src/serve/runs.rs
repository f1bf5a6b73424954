//! The runs that the service carries out: each in a task of its own, some at once, all of them ended or stopped at a
//! step before the service ends.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use saga::{Finished, Header, Journal, JournalError, Log, RunEnd, RunError};
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tracing::Instrument;

use crate::agent::Agent;
use crate::ledger::{Accepted, Entry, LedgerError};
use crate::node::failure::chain;
use crate::outcome::{End, Outcome};

/// How often the journal is asked about a run that another process may carry out.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// The runs under way in this process.
pub struct Runs {
    agent: Arc<Agent>,
    turns: Semaphore,
    working: watch::Sender<BTreeSet<String>>,
}

/// Why unfinished runs were not taken up.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Runs {
    /// None yet; so many are carried out side by side, others wait for their turn.
    pub(super) fn new(agent: Arc<Agent>, at_once: usize) -> Arc<Self> {
        Arc::new(Self { agent, turns: Semaphore::new(at_once), working: watch::Sender::new(BTreeSet::new()) })
    }

    /// Carries an accepted run out.
    pub(super) fn begin(self: &Arc<Self>, accepted: Accepted) {
        let (runs, run) = (Arc::clone(self), accepted.run.clone());
        self.work(&accepted.run, async move {
            let input = serde_json::from_str(&accepted.input).unwrap_or_default();
            runs.agent.start(&accepted.plan, &run, input).await
        });
    }

    /// Carries out a run that nobody asked for.
    pub(super) fn carry(self: &Arc<Self>, plan: &'static str, run: &str, input: Value) {
        let (runs, id) = (Arc::clone(self), run.to_owned());
        self.work(run, async move { runs.agent.start(plan, &id, input).await });
    }

    /// Takes up a run whose process died.
    fn recover(self: &Arc<Self>, header: &Header) {
        let (runs, run) = (Arc::clone(self), header.run.clone());
        self.work(&header.run, async move { runs.agent.recover(&run).await });
    }

    /// Sends a parked run on its way again.
    pub(super) fn resume(self: &Arc<Self>, run: &str) {
        let (runs, of) = (Arc::clone(self), run.to_owned());
        self.work(run, async move { runs.agent.resume(&of).await });
    }

    /// Gives an unfinished run up, because its guest is to be destroyed.
    pub(super) fn abandon(self: &Arc<Self>, run: &str) {
        let (runs, of) = (Arc::clone(self), run.to_owned());
        self.work(run, async move { runs.agent.abandon(&of, "the guest was to be destroyed").await });
    }

    /// Takes up what nobody works on: runs whose process died, and runs that were accepted and never begun. Parked
    /// ones rest until a person wakes them.
    ///
    /// # Errors
    /// The journal or the ledger cannot be read.
    pub async fn take_up(self: &Arc<Self>) -> Result<(), SweepError> {
        for header in self.agent.journal.unfinished().await? {
            if !self.is_working_on(&header.run) && !is_settled(&self.agent.journal.log(&header.run).await?) {
                self.recover(&header);
            }
        }
        for accepted in self.agent.context.ledger.accepted_not_begun().await? {
            if !self.is_working_on(&accepted.run) {
                self.begin(accepted);
            }
        }
        Ok(())
    }

    /// How many are under way here.
    pub fn count(&self) -> usize {
        self.working.borrow().len()
    }

    /// Waits until none is under way here. Tell the agent to stop first.
    pub async fn none_left(&self) {
        // The sender is ours: the channel cannot be closed.
        let _ = self.working.subscribe().wait_for(BTreeSet::is_empty).await;
    }

    /// The log of a run, as soon as it has ended or rests; what there is of it when the time is up or the service
    /// stops. None: it has not begun.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn ended(&self, run: &str, patience: Duration) -> Result<Option<Log>, JournalError> {
        let (began, mut changes) = (Instant::now(), self.working.subscribe());
        loop {
            let log = match self.agent.journal.log(run).await {
                Ok(log) => Some(log),
                Err(JournalError::Unknown { .. }) => None,
                Err(error) => return Err(error),
            };
            // One that rests and was just woken is not over.
            let is_over = log.as_ref().is_some_and(is_settled) && !self.is_working_on(run);
            let left = patience.saturating_sub(began.elapsed());
            if is_over || left.is_zero() || self.agent.is_stopping() {
                return Ok(log);
            }
            let _ = tokio::time::timeout(left.min(LOOK_AGAIN), changes.changed()).await;
        }
    }

    /// Whether this process carries a run out.
    pub(super) fn is_working_on(&self, run: &str) -> bool {
        self.working.borrow().contains(run)
    }

    fn work(self: &Arc<Self>, run: &str, carry: impl Future<Output = Result<Finished, RunError>> + Send + 'static) {
        let is_new = self.working.send_if_modified(|working| working.insert(run.to_owned()));
        if !is_new {
            return;
        }
        let (runs, run) = (Arc::clone(self), run.to_owned());
        let span = tracing::info_span!("run", %run);
        let task = async move {
            let working = Working { runs: &runs, run: &run };
            let turn = runs.turns.acquire().await;
            if turn.is_ok() && !runs.agent.is_stopping() {
                tracing::info!("carried out");
                let ended = carry.await;
                runs.tell(&run, ended).await;
            }
            drop(working);
        };
        tokio::spawn(task.instrument(span));
    }

    async fn tell(&self, run: &str, ended: Result<Finished, RunError>) {
        let finished = match ended {
            Ok(finished) => finished,
            // Another agent of this ledger has it.
            Err(RunError::Journal(JournalError::Held { holder, .. })) => {
                return tracing::debug!(holder, "left to its holder");
            }
            Err(RunError::Journal(JournalError::Exists { .. })) => return tracing::debug!("begun by another agent"),
            Err(error) => return tracing::warn!(error = chain(&error), "stopped; it is taken up again"),
        };
        let outcome = match &finished.end {
            RunEnd::Done => "done".to_owned(),
            RunEnd::RolledBack(why) => format!("rolled back: {why}"),
            RunEnd::Parked(rest) => format!("parked: {}", rest.reason),
        };
        tracing::info!(outcome, "ended or rests");
        let header = finished.log.header();
        let entry = Entry {
            who: "agent".to_owned(),
            action: format!("run.{}", header.plan),
            object: header.input.get("customer").and_then(|value| value.as_str()).unwrap_or_default().to_owned(),
            run: Some(run.to_owned()),
            outcome,
            ..Entry::default()
        };
        if let Err(error) = self.agent.context.ledger.log_action(&entry).await {
            tracing::error!(error = chain(&error), "the audit log was not written");
        }
    }
}

/// Whether a run has ended, or rests until a person acts.
pub(super) fn is_settled(log: &Log) -> bool {
    Outcome::of(log, false).end != End::Unfinished
}

/// A run in the list of those under way, until it is dropped, however its task ends.
struct Working<'a> {
    runs: &'a Runs,
    run: &'a str,
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.runs.working.send_modify(|working| {
            working.remove(self.run);
        });
    }
}
