//! Stop, destroy, prove it is gone; nothing without the run's mark is ever touched.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pve_client::wire::{GuestState, Upid};
use pve_client::{CallError, Class, Client, Meaning, Next};
use saga::StepError;
use spec::ids::{RunId, Vmid};

use super::failure::called;
use super::look::{Found, is_missing, look};
use super::patience::patiently;
use super::task::{follow, follow_unless_busy, own_tasks, runs, settle};

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
    removed(pve, vmid, run, deadline, WhileItRuns::Stop).await
}

/// The same for a guest that nobody must have started: one that runs is left alone.
///
/// # Errors
/// As [`remove`], and where it runs.
pub async fn remove_stopped(pve: &Client, vmid: Vmid, run: &RunId, deadline: Duration) -> Result<Removal, StepError> {
    removed(pve, vmid, run, deadline, WhileItRuns::Refuse).await
}

/// What is done about a guest that runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WhileItRuns {
    /// It is stopped first.
    Stop,
    /// The node refuses to destroy it, and that is right.
    Refuse,
}

async fn removed(
    pve: &Client,
    vmid: Vmid,
    run: &RunId,
    deadline: Duration,
    running: WhileItRuns,
) -> Result<Removal, StepError> {
    let mut removal = Removal::NothingOfOurs;
    for _ in 0..TURNS {
        match look(pve, vmid, run).await.map_err(|error| called(&error))? {
            Found::Absent | Found::Foreign => return Ok(removal),
            Found::InCreation => match creating_task(pve, vmid, run, &BTreeSet::new()).await? {
                Creation::Ours(upid) => wait_whatever_the_end(pve, &upid, deadline).await?,
                Creation::OursAndDead => return Err(stale_lock(vmid)),
                Creation::Foreign => return Ok(removal),
            },
            Found::Ours(config) if config.get("lock") == Some("destroyed") => wait_gone(pve, vmid, deadline).await?,
            Found::Ours(_) => {
                // An earlier attempt's destroy may be at work: a second one would only fail on what the first took away.
                settle(pve, vmid, "vzdestroy", run, deadline).await?;
                if running == WhileItRuns::Stop {
                    stop(pve, vmid, run, deadline).await?;
                }
                destroy(pve, vmid, run, deadline).await?;
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

/// Finds the task behind a configuration that is only `lock: create`; `earlier` ones, by UPID, made other guests.
pub(crate) async fn creating_task(
    pve: &Client,
    vmid: Vmid,
    run: &RunId,
    earlier: &BTreeSet<String>,
) -> Result<Creation, StepError> {
    let tasks = own_tasks(pve, vmid, "vzrestore", run).await?;
    let Some(newest) = tasks.iter().find(|row| !earlier.contains(&row.upid)) else { return Ok(Creation::Foreign) };
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

/// Stops a guest; one that does not run, or is not there, is stopped already.
///
/// # Errors
/// The node refuses or cannot be asked.
pub async fn stop(pve: &Client, vmid: Vmid, run: &RunId, deadline: Duration) -> Result<(), StepError> {
    for _ in 0..TURNS {
        if is_down(pve, vmid).await? {
            return Ok(());
        }
        match patiently(|| pve.stop(vmid)).await {
            // What the task says is not what counts: it may have warned, or met another that was quicker.
            Ok(upid) => match follow_unless_busy(pve, &upid, deadline).await {
                Err(StepError::Failed(_)) if is_down(pve, vmid).await? => return Ok(()),
                ended => drop(ended?),
            },
            Err(error) if error.next() == Next::Done => return Ok(()),
            Err(error) if error.class() == Class::Ambiguous => settle(pve, vmid, "vzstop", run, deadline).await?,
            Err(error) => return Err(called(&error)),
        }
    }
    Err(StepError::park(
        format!("guest {vmid} still runs after {TURNS} tries to stop it"),
        format!("on the node: pct stop {vmid}; then: reset-agent resume"),
    ))
}

/// Makes sure that no node of the cluster has a guest of a number that this node does not have: a guest that was
/// migrated is not gone.
///
/// # Errors
/// Parks where the number is taken elsewhere, and where nobody can tell.
pub async fn must_be_nowhere(pve: &Client, vmid: Vmid) -> Result<(), StepError> {
    match patiently(|| pve.check_free(vmid)).await {
        Ok(_) => Ok(()),
        Err(error) if means(&error, &Meaning::GuestExists) => Err(StepError::park(
            format!("guest {vmid} is not on node {} and the cluster has one of that number", pve.node()),
            format!(
                "look where it is: pvesh get /cluster/resources --type vm; then migrate it back, or: pct destroy {vmid}"
            ),
        )),
        Err(error) => Err(called(&error)),
    }
}

async fn destroy(pve: &Client, vmid: Vmid, run: &RunId, deadline: Duration) -> Result<(), StepError> {
    match patiently(|| pve.destroy(vmid)).await {
        Ok(upid) => match follow(pve, &upid, deadline).await {
            // It waited for the guest's lock while another destroy had it.
            Err(StepError::Failed(_)) if is_gone(pve, vmid).await? => Ok(()),
            ended => ended,
        },
        // In both cases the caller looks again.
        Err(error) if is_missing(&error) => Ok(()),
        Err(error) if error.class() == Class::Ambiguous => settle(pve, vmid, "vzdestroy", run, deadline).await,
        Err(error) => Err(called(&error)),
    }
}

/// Whether it does not run, or is not there.
async fn is_down(pve: &Client, vmid: Vmid) -> Result<bool, StepError> {
    match patiently(|| pve.status(vmid)).await {
        Ok(status) => Ok(status.status == GuestState::Stopped),
        Err(error) if is_missing(&error) => Ok(true),
        Err(error) => Err(called(&error)),
    }
}

async fn is_gone(pve: &Client, vmid: Vmid) -> Result<bool, StepError> {
    match patiently(|| pve.config(vmid)).await {
        Ok(_) => Ok(false),
        Err(error) if is_missing(&error) => Ok(true),
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
