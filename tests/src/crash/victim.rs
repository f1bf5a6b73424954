//! The process that is killed: the agent's own plans, steps, node client and ledger, over a journal that ends the
//! process with SIGKILL at a record. Nothing of this is in the agent as it is shipped.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use reset_agent::agent::{Agent, Tells};
use reset_agent::config;
use reset_agent::sagas::Plans;
use rustix::process::{Signal, getpid, kill_process};
use saga::{Claim, Executor, Header, Journal, JournalError, Outcome, Record, RunError};
use serde_json::Value;

use super::die::{Die, Side};

/// By then a dead agent's lease has ended, and a run that is held still is somebody's who lives.
const LEASES_END: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// What a victim is told.
#[derive(Debug, Clone, Args)]
pub struct Victim {
    /// The agent's configuration
    #[arg(long)]
    config: PathBuf,
    /// The run
    #[arg(long)]
    run: String,
    /// Its plan
    #[arg(long)]
    plan: String,
    /// The record to die at
    #[arg(long)]
    die: Option<Die>,
    #[command(subcommand)]
    act: Act,
}

/// What it does with the run.
#[derive(Debug, Clone, Subcommand)]
enum Act {
    /// Begins it
    Start {
        /// The request, as JSON
        input: String,
    },
    /// Takes it up
    Recover,
    /// Gives it up
    Abandon,
}

/// Does as it is told until it is killed. A victim that comes to an end has missed its moment.
pub fn victim(victim: &Victim) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("starting a runtime")?;
    runtime.block_on(act(victim))
}

async fn act(victim: &Victim) -> Result<()> {
    let settings = config::load(&victim.config)?;
    let agent = Agent::open(settings, Tells::Nobody).await.map_err(|stop| stop.error)?;
    let plans = Plans::all();
    let plan = plans.named(&victim.plan).with_context(|| format!("there is no plan {:?}", victim.plan))?;
    let journal = Killing { inner: &agent.journal, die: victim.die.clone() };
    let executor = Executor::new(&journal, plan);
    let began = Instant::now();
    let finished = loop {
        let mut context = agent.context.of_run(&victim.run);
        let ended = match &victim.act {
            Act::Start { input } => {
                let input: Value = serde_json::from_str(input).context("the request")?;
                executor.start(&victim.run, input, &mut context).await
            }
            Act::Recover => executor.recover(&victim.run, &mut context).await,
            Act::Abandon => executor.abandon(&victim.run, "a cell of the crash matrix", &mut context).await,
        };
        match ended {
            // On a server the lease of the victim before this one ends some time after it.
            Err(RunError::Journal(JournalError::Held { .. })) if began.elapsed() < LEASES_END => {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
            ended => break ended?,
        }
    };
    bail!("the run came to an end: {:?}", finished.end)
}

/// A journal that kills its process.
struct Killing<'a, J> {
    inner: &'a J,
    die: Option<Die>,
}

impl<J: Journal> Killing<'_, J> {
    async fn meet(&self, side: Side, is_it: impl Fn(&Die) -> bool) {
        if self.die.as_ref().is_some_and(|die| die.side == side && is_it(die)) {
            // Whether it worked does not matter: nothing happens in this process after it.
            let _ = kill_process(getpid(), Signal::KILL);
            std::future::pending::<()>().await;
        }
    }
}

impl<J: Journal> Journal for Killing<'_, J> {
    async fn open(&self, header: &Header) -> Result<Claim, JournalError> {
        self.meet(Side::Before, |die| die.kind == "opened").await;
        let claim = self.inner.open(header).await?;
        self.meet(Side::After, |die| die.kind == "opened").await;
        Ok(claim)
    }

    async fn claim(&self, run: &str) -> Result<(Claim, Vec<Record>), JournalError> {
        self.inner.claim(run).await
    }

    async fn append(&self, claim: &Claim, record: &Record) -> Result<(), JournalError> {
        self.meet(Side::Before, |die| die.is_at(record)).await;
        self.inner.append(claim, record).await?;
        self.meet(Side::After, |die| die.is_at(record)).await;
        Ok(())
    }

    async fn close(&self, claim: &Claim, record: &Record, outcome: Outcome) -> Result<(), JournalError> {
        self.meet(Side::Before, |die| die.is_at(record)).await;
        self.inner.close(claim, record, outcome).await?;
        self.meet(Side::After, |die| die.is_at(record)).await;
        Ok(())
    }

    async fn unfinished(&self) -> Result<Vec<Header>, JournalError> {
        self.inner.unfinished().await
    }
}
