//! Stop, destroy, prove it is gone; nothing without the run's mark is ever touched.

use std::time::{Duration, Instant};

use pve_client::wire::{GuestState, Upid};
use pve_client::{CallError, Class, Client, Meaning};
use saga::StepError;
use spec::ids::{RunId, Vmid};

use super::failure::called;
use super::look::{Found, is_missing, look};
use super::patience::patiently;
use super::task::{follow, own_tasks, runs};

/// How a removal ended, when it ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It was there and is gone.
    Removed,
    /// There was nothing of ours.
    NothingOfOurs,
}

/// Looks are repeated this often at most: each turn ends with something done or the answer known.
const TURNS: u32 = 8;

/// Removes the guest that the run made at this VMID, from whatever half-made state.
///
/// # Errors
/// The node refuses or cannot be asked; a lock that a killed worker left behind parks with the command to run there.
pub async fn remove(pve: &Client, vmid: Vmid, run: &RunId, deadline: Duration) -> Result<Removal, StepError> {
    let mut removal = Removal::NothingOfOurs;
    for _ in 0..TURNS {
        match look(pve, vmid, run).await.map_err(|error| called(&error))? {
            Found::Absent | Found::Foreign => return Ok(removal),
            Found::InCreation => match creating_task(pve, vmid, run).await? {
                Creation::Ours(upid) => wait_whatever_the_end(pve, &upid, deadline).await?,
                Creation::OursAndDead => return Err(stale_lock(vmid)),
                Creation::Foreign => return Ok(removal),
            },
            Found::Ours(config) if config.get("lock") == Some("destroyed") => wait_gone(pve, vmid, deadline).await?,
            Found::Ours(_) => {
                stop(pve, vmid, deadline).await?;
                destroy(pve, vmid, deadline).await?;
                removal = Removal::Removed;
            }
        }
    }
    Err(StepError::park(
        format!("guest {vmid} is still there after {TURNS} tries to remove it"),
        format!("look at it on the node: pct config {vmid}"),
    ))
}

/// Whose creation holds a VMID.
pub(crate) enum Creation {
    /// Our task works on it.
    Ours(Upid),
    /// Our task did and was killed: the lock is stale.
    OursAndDead,
    /// Somebody else's.
    Foreign,
}

/// Finds the task behind a configuration that is only `lock: create`.
pub(crate) async fn creating_task(pve: &Client, vmid: Vmid, run: &RunId) -> Result<Creation, StepError> {
    let tasks = own_tasks(pve, vmid, "vzrestore", run).await?;
    let Some(newest) = tasks.first() else { return Ok(Creation::Foreign) };
    match newest.upid.parse() {
        Ok(upid) if runs(newest) => Ok(Creation::Ours(upid)),
        _ => Ok(Creation::OursAndDead),
    }
}

/// What a person does about a lock that no API call can lift.
pub(crate) fn stale_lock(vmid: Vmid) -> StepError {
    StepError::park(
        format!("the restore of guest {vmid} was killed on the node and left `lock: create` behind"),
        format!("on the node: pct unlock {vmid} && pct destroy {vmid}; then: reset-agent resume"),
    )
}

async fn wait_whatever_the_end(pve: &Client, upid: &Upid, deadline: Duration) -> Result<(), StepError> {
    pve.wait_task(upid, deadline).await.map(drop).map_err(super::failure::waited)
}

/// Stops a guest; one that does not run is stopped already.
///
/// # Errors
/// The node refuses or cannot be asked.
pub async fn stop(pve: &Client, vmid: Vmid, deadline: Duration) -> Result<(), StepError> {
    let status = match patiently(|| pve.status(vmid)).await {
        Err(error) if is_missing(&error) => return Ok(()),
        status => status.map_err(|error| called(&error))?,
    };
    if status.status == GuestState::Stopped {
        return Ok(());
    }
    match patiently(|| pve.stop(vmid)).await {
        Ok(upid) => follow(pve, &upid, deadline).await,
        Err(error) if means(&error, &Meaning::NotRunning) => Ok(()),
        Err(error) => Err(called(&error)),
    }
}

async fn destroy(pve: &Client, vmid: Vmid, deadline: Duration) -> Result<(), StepError> {
    match patiently(|| pve.destroy(vmid)).await {
        Ok(upid) => follow(pve, &upid, deadline).await,
        // The caller looks again.
        Err(error) if is_missing(&error) || error.class() == Class::Ambiguous => Ok(()),
        Err(error) => Err(called(&error)),
    }
}

async fn wait_gone(pve: &Client, vmid: Vmid, deadline: Duration) -> Result<(), StepError> {
    let began = Instant::now();
    loop {
        match patiently(|| pve.config(vmid)).await {
            Err(error) if is_missing(&error) => return Ok(()),
            answer => drop(answer.map_err(|error| called(&error))?),
        }
        if began.elapsed() > deadline {
            return Err(StepError::park(
                format!("guest {vmid} bears `lock: destroyed` and does not go away"),
                format!("on the node: pct unlock {vmid} && pct destroy {vmid}"),
            ));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn means(error: &CallError, meaning: &Meaning) -> bool {
    error.refusal().is_some_and(|refusal| refusal.meaning() == *meaning)
}
