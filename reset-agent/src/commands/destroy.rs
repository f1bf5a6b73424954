//! `destroy`: only what the ledger owns and what bears our mark; harmless when repeated.

use std::collections::BTreeSet;

use saga::{RunError, StepError};
use serde_json::json;
use spec::exit::Exit;

use super::agent::{Agent, Stop};
use super::output::Output;
use super::show::{find, unknown};
use crate::ledger::{Guest, GuestState};
use crate::node::leftovers::{Leftovers, leftovers, volumes_of};
use crate::node::removal::{must_be_nowhere, remove};
use crate::node::{Found, look};
use crate::outcome::Outcome;
use crate::render;
use crate::steps::forget;

pub(super) async fn run(agent: &Agent, output: Output, name: &str) -> Result<Exit, Stop> {
    let guest = find(agent, name).await?.ok_or_else(|| unknown(name))?;
    if guest.state.is_live() {
        agent.close_if_done(guest.run.as_str()).await?;
    }
    if guest.state.is_live() && agent.is_unfinished(guest.run.as_str()).await? {
        return give_up(agent, output, &guest).await;
    }
    if guest.state.is_live() {
        refuse_foreign(agent, &guest).await?;
        clear(agent, &guest).await?;
        forget(&agent.context, guest.run.as_str()).await.map_err(stopped)?;
        agent.context.ledger.mark(guest.id, GuestState::Destroyed).await.map_err(Stop::failed)?;
    }
    let now = agent.context.ledger.guest(guest.id).await.map_err(Stop::failed)?;
    output.print(&json!({ "guest": now }), || {
        format!("guest {} of customer {} is {}", now.vmid, now.customer, now.state)
    })?;
    Ok(Exit::Done)
}

/// Removes the guest and proves that its volumes went with it, as far as the token sees.
async fn clear(agent: &Agent, guest: &Guest) -> Result<(), Stop> {
    let (pve, settings) = (&agent.context.pve, &agent.context.settings);
    let own = match look(pve, guest.vmid, &guest.run).await.map_err(Stop::failed)? {
        Found::Ours(config) => volumes_of(&config),
        Found::Absent | Found::InCreation | Found::Foreign => BTreeSet::new(),
    };
    remove(pve, guest.vmid, &guest.run, settings.patience.task).await.map_err(stopped)?;
    match look(pve, guest.vmid, &guest.run).await.map_err(Stop::failed)? {
        Found::Absent => must_be_nowhere(pve, guest.vmid).await.map_err(stopped)?,
        // Another's guest came to the number meanwhile: its volumes are not looked at.
        Found::Ours(_) | Found::InCreation | Found::Foreign => return Ok(()),
    }
    let left = leftovers(pve, guest.vmid, &own, &settings.guests.storage).await;
    if left != Leftovers::Gone {
        tracing::warn!(vmid = %guest.vmid, ?left, "not proven that all volumes are gone");
    }
    left.refuse(guest.vmid).map_err(stopped)
}

/// A guest that is still being made, or was quarantined, goes with its run.
async fn give_up(agent: &Agent, output: Output, guest: &Guest) -> Result<Exit, Stop> {
    let finished = agent.abandon(guest.run.as_str(), "the guest was to be destroyed").await;
    let finished = finished.map_err(|error: RunError| Stop::failed(error))?;
    let now = agent.context.ledger.guest(guest.id).await.map_err(Stop::failed)?;
    let outcome = Outcome::of(&finished.log, true);
    output.print(&json!({ "guest": now, "outcome": outcome }), || match &outcome {
        outcome if now.state.is_live() => render::outcome(outcome),
        _ => format!("guest {} of customer {} is {}", now.vmid, now.customer, now.state),
    })?;
    Ok(if now.state.is_live() { Exit::Parked } else { Exit::Done })
}

/// The ledger's guest was replaced by a stranger's: nothing of that is ours to destroy.
async fn refuse_foreign(agent: &Agent, guest: &Guest) -> Result<(), Stop> {
    match look(&agent.context.pve, guest.vmid, &guest.run).await.map_err(Stop::failed)? {
        Found::Foreign => Err(Stop {
            exit: Exit::Parked,
            error: anyhow::anyhow!(
                "guest {} on the node does not bear the mark of run {}: it is not the ledger's guest of customer {}",
                guest.vmid,
                guest.run,
                guest.customer
            ),
        }),
        Found::Absent | Found::Ours(_) | Found::InCreation => Ok(()),
    }
}

fn stopped(error: StepError) -> Stop {
    match error {
        StepError::Park { reason, command } => {
            let todo = command.map(|command| format!("; to do: {command}")).unwrap_or_default();
            Stop { exit: Exit::Parked, error: anyhow::anyhow!("{reason}{todo}") }
        }
        error => Stop { exit: Exit::Failed, error: error.into() },
    }
}
