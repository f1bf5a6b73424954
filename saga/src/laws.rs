//! The laws every plan must keep, as one check that any plan's tests can call:
//!
//! 1. *repeat*: with each step run twice, the run ends as it does otherwise;
//! 2. *fail*: with each step failing in turn (before and after it acted), the run unwinds to a clean slate;
//! 3. *undo twice*: the same with every undo done twice;
//! 4. *cut*: with the process dying at each record in turn (before and after it landed), recovery reaches the end the
//!    run would have reached, for a run that succeeds and for one that fails at its last step.

use std::future::Future;

use serde_json::Value;
use thiserror::Error;

use crate::event::{Event, Record};
use crate::executor::{Executor, Finished, RunEnd};
use crate::inject::{Cut, Dying, Faults, INJECTED, Strike};
use crate::memory::MemoryJournal;
use crate::plan::Plan;

/// A plan on trial: a world to act on, and how to look at it. Each trial gets a fresh one.
pub trait Trial: Send + Sync {
    /// The plan's context.
    type Ctx: Send + 'static;

    /// The plan.
    fn plan(&self) -> Plan<Self::Ctx>;

    /// New handles on this trial's world, as a restarted process would make them.
    fn context(&self) -> Self::Ctx;

    /// What the run is asked to do.
    fn input(&self) -> Value;

    /// The run's id, where the plan's steps read something out of it.
    fn run(&self) -> String {
        "trial".to_owned()
    }

    /// Whether the plan is struck at this step: a plan that shares steps with another that is on trial, in the same order,
    /// need not fail and die in them again.
    fn is_struck_at(&self, _step: &str) -> bool {
        true
    }

    /// `Err` tells what is left in the world though nothing should be.
    fn clean_slate(&self) -> impl Future<Output = Result<(), String>> + Send;

    /// The world after a run that is done, without what differs by chance.
    fn end_state(&self) -> impl Future<Output = Value> + Send;
}

/// A law that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("law `{law}` is broken at {place}: {found}")]
pub struct LawBroken {
    /// Which law.
    pub law: &'static str,
    /// Where in the plan or the journal.
    pub place: String,
    /// What happened instead.
    pub found: String,
}

/// How many runs each law was tried with: a law that was tried with none was not tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// Runs with a failing step.
    pub failures: usize,
    /// Runs with a death.
    pub cuts: usize,
}

/// Puts a plan on trial under all laws.
///
/// # Errors
/// The first [`LawBroken`].
pub async fn check<T: Trial>(fresh: impl AsyncFn() -> T) -> Result<Tried, LawBroken> {
    let good = reference(&fresh).await?;
    repeated(&fresh, &good).await?;
    let trial = fresh().await;
    let steps = trial.plan().step_names().count();
    let struck: Vec<usize> =
        trial.plan().step_names().enumerate().filter(|(_, step)| trial.is_struck_at(step)).map(|(at, _)| at).collect();
    let mut failures = 0;
    for undo_twice in [false, true] {
        for &step in &struck {
            for strike in [Strike::BeforeActing, Strike::AfterActing] {
                failing(&fresh, step, strike, undo_twice).await?;
                failures += 1;
            }
        }
    }
    let mut cuts = 0;
    for fail in [None, steps.checked_sub(1).map(|last| (last, Strike::AfterActing))] {
        cuts += cut_everywhere(&fresh, Faults { fail, ..Faults::default() }, &good).await?;
    }
    Ok(Tried { failures, cuts })
}

async fn reference<T: Trial>(fresh: &impl AsyncFn() -> T) -> Result<Value, LawBroken> {
    let law = Law { name: "done", place: "the undisturbed run".to_owned() };
    let trial = fresh().await;
    let plan = trial.plan();
    let finished = law.start(&trial, &plan, &MemoryJournal::new()).await?;
    law.expect_done(&finished)?;
    Ok(trial.end_state().await)
}

async fn repeated<T: Trial>(fresh: &impl AsyncFn() -> T, good: &Value) -> Result<(), LawBroken> {
    let law = Law { name: "repeat", place: "the run with every step done twice".to_owned() };
    let trial = fresh().await;
    let plan = Faults { run_twice: true, ..Faults::default() }.into_plan(trial.plan());
    let finished = law.start(&trial, &plan, &MemoryJournal::new()).await?;
    law.expect_done(&finished)?;
    law.expect_same(good, &trial.end_state().await)
}

async fn failing<T: Trial>(
    fresh: &impl AsyncFn() -> T,
    step: usize,
    strike: Strike,
    undo_twice: bool,
) -> Result<(), LawBroken> {
    let trial = fresh().await;
    let plan = Faults { fail: Some((step, strike)), undo_twice, run_twice: false }.into_plan(trial.plan());
    let step_name = plan.step_names().nth(step).unwrap_or_default();
    let name = if undo_twice { "undo twice" } else { "fail" };
    let law = Law { name, place: format!("step `{step_name}`, failing {strike:?}") };
    let finished = law.start(&trial, &plan, &MemoryJournal::new()).await?;
    law.expect_unwound(&finished)?;
    law.expect_failed_at(&finished, step_name)?;
    trial.clean_slate().await.map_err(|left| law.broken(left))
}

async fn cut_everywhere<T: Trial>(
    fresh: &impl AsyncFn() -> T,
    faults: Faults,
    good: &Value,
) -> Result<usize, LawBroken> {
    let law = Law { name: "cut", place: "the run that counts records".to_owned() };
    let trial = fresh().await;
    let plan = faults.into_plan(trial.plan());
    let log = law.start(&trial, &plan, &MemoryJournal::new()).await?.log;
    let is_struck = |record: &&Record| record.event.step().is_none_or(|step| trial.is_struck_at(step));
    let mut tried = 0;
    for n in log.records().iter().filter(is_struck).map(|record| record.seq) {
        for cut in [Cut::Before(n), Cut::After(n)] {
            cut_at(fresh, faults, cut, good).await?;
            tried += 1;
        }
    }
    Ok(tried)
}

async fn cut_at<T: Trial>(
    fresh: &impl AsyncFn() -> T,
    faults: Faults,
    cut: Cut,
    good: &Value,
) -> Result<(), LawBroken> {
    let law = Law { name: "cut", place: format!("{cut:?} with {faults:?}") };
    let trial = fresh().await;
    let plan = faults.into_plan(trial.plan());
    let journal = MemoryJournal::new();
    if law.start(&trial, &plan, &Dying::new(&journal, cut)).await.is_ok() {
        return Err(law.broken("the run did not die there"));
    }
    if cut == Cut::Before(0) {
        return trial.clean_slate().await.map_err(|left| law.broken(left));
    }
    let executor = Executor::new(&journal, &plan);
    let recovered = executor.recover(&trial.run(), &mut trial.context()).await;
    let finished = recovered.map_err(|error| law.broken(format!("recovery stopped: {error}")))?;
    if faults.fail.is_none() {
        law.expect_done(&finished)?;
        return law.expect_same(good, &trial.end_state().await);
    }
    law.expect_unwound(&finished)?;
    trial.clean_slate().await.map_err(|left| law.broken(left))
}

/// The law at hand and where it is tried.
struct Law {
    name: &'static str,
    place: String,
}

impl Law {
    fn broken(&self, found: impl Into<String>) -> LawBroken {
        LawBroken { law: self.name, place: self.place.clone(), found: found.into() }
    }

    async fn start<T: Trial>(
        &self,
        trial: &T,
        plan: &Plan<T::Ctx>,
        journal: &impl crate::Journal,
    ) -> Result<Finished, LawBroken> {
        let started = Executor::new(journal, plan).start(&trial.run(), trial.input(), &mut trial.context()).await;
        started.map_err(|error| self.broken(format!("the run stopped: {error}")))
    }

    fn expect_done(&self, finished: &Finished) -> Result<(), LawBroken> {
        match &finished.end {
            RunEnd::Done => Ok(()),
            other => Err(self.broken(format!("it should be done and is {other:?}"))),
        }
    }

    fn expect_unwound(&self, finished: &Finished) -> Result<(), LawBroken> {
        match &finished.end {
            RunEnd::RolledBack(_) => Ok(()),
            other => Err(self.broken(format!("it should be rolled back and is {other:?}"))),
        }
    }

    /// A run that fails too early would prove nothing about this step's undo.
    fn expect_failed_at(&self, finished: &Finished, step: &str) -> Result<(), LawBroken> {
        let at_step = finished.log.records().iter().any(|record| {
            matches!(&record.event, Event::Failed { step: failed, error } if failed == step && error.message == INJECTED)
        });
        if at_step { Ok(()) } else { Err(self.broken("another step failed first")) }
    }

    fn expect_same(&self, good: &Value, found: &Value) -> Result<(), LawBroken> {
        if good == found { Ok(()) } else { Err(self.broken(format!("the end is {found} and should be {good}"))) }
    }
}
