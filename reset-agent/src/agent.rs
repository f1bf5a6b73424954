//! What every verb works with: the settings accepted, the store open, the plans at hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pve_client::{Client, Endpoint};
use saga::{Executor, Finished, Header, Journal, JournalError, Log, Move, Plan, PlanError, RunError, next_move};

use crate::config::Settings;
use crate::context::Context;
use crate::guest::Helper;
use crate::outcome::Outcome;
use crate::render::Progress;
use crate::sagas::Plans;
use crate::stop::Stop;
use crate::store::{RunJournal, Store};

/// Which unfinished runs are taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Those whose process died.
    DeadOnly,
    /// Those that rest, too: a person says that it is mended.
    ParkedToo,
}

/// The agent, opened: settings accepted, ledger open, node and helper known (not yet asked).
pub struct Agent {
    /// All that steps may touch.
    pub context: Context,
    /// The journal of runs.
    pub journal: RunJournal,
    store: Store,
    plans: Plans,
    tells: Tells,
    stopping: AtomicBool,
}

/// Whom an agent tells of the progress of its runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// A person at a terminal, if there is one.
    Terminal,
    /// Whoever reads stderr, in JSON lines.
    JsonLines,
    /// Nobody: the journal is read.
    Nobody,
}

impl Agent {
    /// Opens it.
    ///
    /// # Errors
    /// [`Stop`] with exit code 2: the configuration does not hold what it promises.
    pub async fn open(settings: Settings, tells: Tells) -> Result<Self, Stop> {
        let token = settings.node.token.read().map_err(Stop::usage)?;
        let trust = settings.node.trust.load().map_err(Stop::usage)?;
        let endpoint =
            Endpoint::new(&settings.node.url, settings.node.name.clone(), trust, &token).map_err(Stop::usage)?;
        let mut pve = Client::new(endpoint).map_err(Stop::usage)?;
        for member in &settings.members {
            let Some(door) = &member.door else { continue };
            let trust = door.trust.load().map_err(Stop::usage)?;
            let endpoint = Endpoint::new(&door.url, member.name.clone(), trust, &token).map_err(Stop::usage)?;
            pve = pve.or_through(endpoint).map_err(Stop::usage)?;
        }
        let store = Store::at(&settings.ledger).await.map_err(Stop::usage)?;
        let helper = settings.helper.clone().map(Helper::at);
        let context = Context { settings: Arc::new(settings), pve, ledger: store.ledger(), helper };
        Ok(Self::assembled(context, &store, Plans::all(), tells))
    }

    /// An agent from its parts.
    pub fn assembled(context: Context, store: &Store, plans: Plans, tells: Tells) -> Self {
        Self { context, journal: store.journal(), store: store.clone(), plans, tells, stopping: AtomicBool::new(false) }
    }

    /// The store behind journal and ledger: closed when the agent has done its work, its leases are free at once.
    pub fn store(&self) -> Store {
        self.store.clone()
    }

    /// Tells all runs of this agent to stop after the step that they are in. Recovery goes on from there.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// Whether the agent was told to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    fn progress(&self) -> Progress {
        match self.tells {
            Tells::Terminal => Progress::new(false),
            Tells::JsonLines => Progress::new(true),
            Tells::Nobody => Progress::Quiet,
        }
    }

    fn executor<'a>(&'a self, plan: &'a Plan<Context>, progress: &'a Progress) -> Executor<'a, RunJournal, Context> {
        Executor::new(&self.journal, plan).on_progress(|told| progress.tell(told)).until(|| self.is_stopping())
    }

    /// The header of a run, from the journal.
    async fn header(&self, run: &str) -> Result<Header, RunError> {
        Ok(self.journal.log(run).await?.header().clone())
    }

    /// What a run that was begun works with: the node that it chose, once it has chosen.
    async fn context_of(&self, run: &str) -> Result<Context, RunError> {
        let context = self.context.of_run(run);
        let Ok(id) = run.parse() else { return Ok(context) };
        let unread =
            |error| JournalError::Storage { action: "look for the node of a run".to_owned(), source: Box::new(error) };
        Ok(context.at_guest_of(&id).await.map_err(unread)?)
    }

    /// Starts a run of the plan of this name and carries it to its end or rest.
    ///
    /// # Errors
    /// It stopped on the way: recovery takes it up again.
    pub async fn start(&self, plan: &str, run: &str, input: serde_json::Value) -> Result<Finished, RunError> {
        let unknown = || PlanError::Unknown { run: run.to_owned(), plan: plan.to_owned() };
        let plan = self.plans.named(plan).ok_or_else(unknown)?;
        self.executor(plan, &self.progress()).start(run, input, &mut self.context.of_run(run)).await
    }

    /// Takes up a run whose process died. A parked one stays parked.
    ///
    /// # Errors
    /// As [`Agent::start`], or somebody holds the run.
    pub async fn recover(&self, run: &str) -> Result<Finished, RunError> {
        let header = self.header(run).await?;
        self.executor(self.plans.of(&header)?, &self.progress()).recover(run, &mut self.context_of(run).await?).await
    }

    /// Sends a parked run on its way again.
    ///
    /// # Errors
    /// As [`Agent::recover`].
    pub async fn resume(&self, run: &str) -> Result<Finished, RunError> {
        let header = self.header(run).await?;
        self.executor(self.plans.of(&header)?, &self.progress()).resume(run, &mut self.context_of(run).await?).await
    }

    /// Gives a run up.
    ///
    /// # Errors
    /// As [`Agent::recover`].
    pub async fn abandon(&self, run: &str, reason: &str) -> Result<Finished, RunError> {
        let header = self.header(run).await?;
        self.executor(self.plans.of(&header)?, &self.progress())
            .abandon(run, reason, &mut self.context_of(run).await?)
            .await
    }

    /// Takes up every run whose process died, oldest first, and wakes the parked ones too where a person asked for it.
    /// Runs that somebody works on are left to them.
    ///
    /// # Errors
    /// The journal cannot be read. A run that stops again is told in the log and taken up next time.
    pub async fn take_up_all(&self, wake: Wake) -> Result<Vec<Outcome>, Stop> {
        let mut outcomes = Vec::new();
        for header in self.journal.unfinished().await.map_err(Stop::failed)? {
            let taken_up = match wake {
                Wake::ParkedToo => self.resume(&header.run).await,
                Wake::DeadOnly => self.recover(&header.run).await,
            };
            match taken_up {
                Ok(finished) => outcomes.push(Outcome::of(&finished.log, false)),
                Err(RunError::Journal(JournalError::Held { run, holder })) => {
                    tracing::debug!(run, holder, "left to its holder");
                }
                Err(error) => {
                    tracing::warn!(run = header.run, error = crate::node::failure::chain(&error), "not taken up");
                }
            }
        }
        Ok(outcomes)
    }

    /// A run's log; none where the journal does not know the run: its guest's row was rebuilt.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn log_of(&self, run: &str) -> Result<Option<Log>, Stop> {
        match self.journal.log(run).await {
            Ok(log) => Ok(Some(log)),
            Err(JournalError::Unknown { .. }) => Ok(None),
            Err(error) => Err(Stop::failed(error)),
        }
    }

    /// Closes a run that was cut off after its last step: nothing of it is left to do.
    ///
    /// # Errors
    /// The journal cannot be read or written.
    pub async fn close_if_done(&self, run: &str) -> Result<(), Stop> {
        let log = self.log_of(run).await?;
        if log.is_some_and(|log| log.outcome().is_none() && next_move(&log) == Move::Done) {
            self.recover(run).await.map_err(Stop::failed)?;
        }
        Ok(())
    }

    /// Whether a run has neither ended nor been undone.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn is_unfinished(&self, run: &str) -> Result<bool, Stop> {
        Ok(self.log_of(run).await?.is_some_and(|log| log.outcome().is_none()))
    }
}
