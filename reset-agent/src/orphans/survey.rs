//! The node's guests that bear a run's mark and are none of the ledger's, each judged.

use std::collections::BTreeSet;

use pve_client::config_nets;
use pve_client::wire::{GuestConfig, GuestState as Power};
use saga::{JournalError, Outcome, StepError};
use serde::Serialize;
use spec::ids::{CustomerId, RunId, Vmid};

use super::judge::{Answer, Facts, Standing, judge};
use crate::agent::Agent;
use crate::context::Context;
use crate::ledger::{GuestState, LedgerError, Scope};
use crate::mark;
use crate::node::look::is_missing;
use crate::node::task::{own_tasks, tasks_since};
use crate::node::{called, patiently};

/// A guest that bears a mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Its number.
    pub vmid: Vmid,
    /// The run whose mark it bears.
    pub run: RunId,
    /// Whom that run was for, where this ledger knows it.
    pub customer: Option<CustomerId>,
    /// Whose it is.
    #[serde(flatten)]
    pub standing: Standing,
}

/// Looks at every guest of the node that bears a mark and is not handed over. Those of the ledger are left out.
///
/// # Errors
/// The node, the ledger or the journal cannot be asked.
pub async fn survey(agent: &Agent) -> Result<Vec<Found>, StepError> {
    let ctx = &agent.context;
    let live = ctx.ledger.list(Scope::Live).await.map_err(|error| failed(&error))?;
    let settled = |state| matches!(state, GuestState::Active | GuestState::Quarantined);
    let known: BTreeSet<Vmid> = live.iter().filter(|guest| settled(guest.state)).map(|guest| guest.vmid).collect();
    let mut all = Vec::new();
    for row in patiently(|| ctx.pve.guests()).await.map_err(|error| called(&error))? {
        let vmid = u32::try_from(row.vmid).ok().and_then(|number| Vmid::try_from(number).ok());
        let Some(vmid) = vmid.filter(|vmid| !known.contains(vmid)) else { continue };
        let config = match patiently(|| ctx.pve.config(vmid)).await {
            Ok(config) => config,
            Err(error) if is_missing(&error) => continue,
            Err(error) => return Err(called(&error)),
        };
        let Some(run) = mark::run_of(config.get("description")).and_then(|run| run.parse().ok()) else { continue };
        let found = judged(agent, vmid, run, &config).await?;
        all.extend(Some(found).filter(|found| found.standing != Standing::Ours));
    }
    Ok(all)
}

async fn judged(agent: &Agent, vmid: Vmid, run: RunId, config: &GuestConfig) -> Result<Found, StepError> {
    let (answer, customer) = answer(agent, vmid, &run).await?;
    let facts = facts(&agent.context, vmid, &run, config).await?;
    Ok(Found { vmid, run, customer, standing: judge(&facts, answer) })
}

/// What ledger and journal say of the run.
async fn answer(agent: &Agent, vmid: Vmid, run: &RunId) -> Result<(Answer, Option<CustomerId>), StepError> {
    let ledger = &agent.context.ledger;
    if ledger.reserved_by(run).await.map_err(|error| failed(&error))?.is_some_and(|guest| guest.state.is_live()) {
        return Ok((Answer::Live, None));
    }
    // A guest of the pool that is being handed over has its customer's run in the ledger, and still its maker's mark.
    if let Some(guest) = ledger.by_vmid(vmid).await.map_err(|error| failed(&error))? {
        let claimed = ledger.claimed_by(&guest.run).await.map_err(|error| failed(&error))?;
        if claimed.is_some_and(|pooled| pooled.made_by == *run) {
            return Ok((Answer::Live, None));
        }
    }
    match agent.journal.log(run.as_str()).await {
        Ok(log) => {
            let answer = match log.outcome() {
                None => Answer::Unfinished,
                Some(Outcome::RolledBack) => Answer::Undone,
                Some(Outcome::Done) => Answer::Gone,
            };
            Ok((answer, crate::outcome::Outcome::of(&log, true).customer))
        }
        Err(JournalError::Unknown { .. }) => Ok((Answer::Unknown, None)),
        Err(error) => Err(StepError::from_error(&error)),
    }
}

/// What is known of a guest, apart from its mark.
///
/// # Errors
/// The node or the ledger cannot be asked.
pub async fn facts(ctx: &Context, vmid: Vmid, run: &RunId, config: &GuestConfig) -> Result<Facts, StepError> {
    let pve = &ctx.pve;
    let status = patiently(|| pve.status(vmid)).await.map_err(|error| called(&error))?;
    let started = tasks_since(pve, vmid, "vzstart", run).await?;
    let nets = config_nets(config).map_err(|error| StepError::from_error(&error))?;
    let up = nets.into_iter().filter(|(_, net)| !net.link_down());
    let lock = config.get("lock").map(|lock| format!("it is locked ({lock})"));
    Ok(Facts {
        runs: status.status != Power::Stopped || status.uptime > 0,
        was_started: !started.is_empty(),
        made_by_us: made_by_us(ctx, vmid, run).await?,
        links_up: up.map(|(key, _)| key).collect(),
        switched_on: ["onboot", "protection", "template"].into_iter().filter(|key| config.flag(key)).collect(),
        held_by: lock.or_else(|| config.get("parent").map(|name| format!("it has a snapshot ({name})"))),
    })
}

/// Whether a task of this agent's token made it: a restore of its number, or a clone of a template of ours.
async fn made_by_us(ctx: &Context, vmid: Vmid, run: &RunId) -> Result<bool, StepError> {
    if !own_tasks(&ctx.pve, vmid, "vzrestore", run).await?.is_empty() {
        return Ok(true);
    }
    for warm in ctx.ledger.warm().await.map_err(|error| failed(&error))? {
        if !own_tasks(&ctx.pve, warm.vmid, "vzclone", run).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn failed(error: &LedgerError) -> StepError {
    StepError::from_error(error)
}
