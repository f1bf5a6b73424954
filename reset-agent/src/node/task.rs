//! A task followed to its end, and what that means.

use std::time::Duration;

use pve_client::wire::{ExitStatus, TaskRow, Upid};
use pve_client::{CallError, Class, Client, TaskFilter, TaskResult, WaitError, class_of_task};
use saga::StepError;
use spec::ids::{RunId, Vmid};
use uuid::Uuid;

use super::failure::{called, waited};

/// Follows a task; anything but `OK` is a step's error. A task that the node forgot is over: how it ended, the world
/// shows, and every caller looks.
///
/// # Errors
/// The task failed, was killed, or cannot be followed.
pub async fn follow(pve: &Client, upid: &Upid, deadline: Duration) -> Result<(), StepError> {
    ended(pve, upid, deadline).await?.map_or(Ok(()), |result| judge(&result))
}

/// How a task ended; none where the node forgot it.
async fn ended(pve: &Client, upid: &Upid, deadline: Duration) -> Result<Option<TaskResult>, StepError> {
    match pve.wait_task(upid, deadline).await {
        Ok(result) => Ok(Some(result)),
        Err(WaitError::Lost { source, .. }) if source.is_forgotten_task() => {
            tracing::warn!(%upid, "the node forgot the task, looking at what came of it");
            Ok(None)
        }
        Err(error) => Err(waited(error)),
    }
}

/// Follows a task that may be asked for again: `false` where it gave up because the guest's lock was not free, and
/// where the node forgot it.
///
/// # Errors
/// As [`follow`].
pub async fn follow_unless_busy(pve: &Client, upid: &Upid, deadline: Duration) -> Result<bool, StepError> {
    let Some(result) = ended(pve, upid, deadline).await? else { return Ok(false) };
    if class_of_task(&result.status) == Some(Class::Transient) {
        tracing::debug!(%upid, status = %result.status, "not now");
        return Ok(false);
    }
    judge(&result).map(|()| true)
}

/// What a task's end means for a step.
///
/// # Errors
/// Everything but `OK`, with the last lines of the log.
pub fn judge(result: &TaskResult) -> Result<(), StepError> {
    let said = || {
        let tail: Vec<&str> = result.log.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
        format!("task {} of the node ended `{}`; its log ends: {}", result.upid.kind(), result.status, tail.join(" | "))
    };
    match class_of_task(&result.status) {
        // A warning may be the archive's raw `lxc.*` lines, dropped without any other sign.
        None if result.status != ExitStatus::Ok => Err(StepError::failed(said())),
        None => Ok(()),
        Some(Class::Authority) => {
            Err(StepError::failed(format!("{}; `reset-agent doctor` names what to grant", said())))
        }
        Some(_) => Err(StepError::failed(said())),
    }
}

/// The run's own tasks of this type on this guest, newest first: whoever asked with our token after the run began.
///
/// # Errors
/// The node cannot tell.
pub async fn own_tasks(pve: &Client, vmid: Vmid, kind: &'static str, run: &RunId) -> Result<Vec<TaskRow>, StepError> {
    let rows = list(pve, vmid, kind).await.map_err(|error| called(&error))?;
    let since = begun_at(run);
    Ok(rows.into_iter().filter(|row| is_own(row, pve.token_id(), since)).collect())
}

/// Everybody's tasks of this type on this guest since the run began, as far as the token sees them.
///
/// # Errors
/// The node cannot tell.
pub async fn tasks_since(pve: &Client, vmid: Vmid, kind: &'static str, run: &RunId) -> Result<Vec<TaskRow>, StepError> {
    let rows = list(pve, vmid, kind).await.map_err(|error| called(&error))?;
    let since = begun_at(run);
    Ok(rows.into_iter().filter(|row| row.starttime >= since).collect())
}

/// After an answer that was lost: waits for the run's own newest task of this type, if it still runs. How it ended,
/// the world shows: the caller looks.
///
/// # Errors
/// The node cannot tell.
pub async fn settle(
    pve: &Client,
    vmid: Vmid,
    kind: &'static str,
    run: &RunId,
    deadline: Duration,
) -> Result<(), StepError> {
    let tasks = own_tasks(pve, vmid, kind, run).await?;
    match tasks.first().filter(|row| runs(row)).map(|row| row.upid.parse::<Upid>()) {
        Some(Ok(upid)) => pve.wait_task(&upid, deadline).await.map(drop).map_err(waited),
        Some(Err(error)) => Err(StepError::from_error(&error)),
        None => Ok(()),
    }
}

async fn list(pve: &Client, vmid: Vmid, kind: &'static str) -> Result<Vec<TaskRow>, CallError> {
    pve.tasks(&TaskFilter { vmid, kind }).await
}

/// The clocks of agent and node may differ this much.
const SKEW: u64 = 120;

/// When a run began, in seconds since 1970: its id says so.
fn begun_at(run: &RunId) -> u64 {
    let timestamp = Uuid::try_parse(run.as_str()).ok().and_then(|id| id.get_timestamp());
    timestamp.map_or(0, |timestamp| timestamp.to_unix().0.saturating_sub(SKEW))
}

fn is_own(row: &TaskRow, token_id: &str, since: u64) -> bool {
    let asked_by = match &row.tokenid {
        Some(token) => format!("{}!{token}", row.user),
        None => row.user.clone(),
    };
    asked_by == token_id && row.starttime >= since
}

/// Whether a row of the task list still runs.
pub fn runs(row: &TaskRow) -> bool {
    row.endtime.is_none() && row.status.as_deref().is_none_or(|status| status == "RUNNING")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> TaskRow {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_task_is_ours_by_token_and_time() {
        let text = r#"{"upid":"u","user":"mint@pve","tokenid":"agent","starttime":1000,"status":"RUNNING"}"#;
        assert!(is_own(&row(text), "mint@pve!agent", 900));
        assert!(!is_own(&row(text), "mint@pve!other", 900));
        assert!(!is_own(&row(text), "mint@pve!agent", 1001));
        assert!(runs(&row(text)));
        assert!(!runs(&row(&text.replace("\"RUNNING\"", "\"OK\",\"endtime\":1002"))));
    }

    #[test]
    fn warnings_and_vanished_workers_are_no_success() {
        let upid: Upid = "UPID:pve:0000260A:0005CBE2:6B0039B3:vzrestore:140:mint@pve!agent:".parse().unwrap();
        let end =
            |status| judge(&TaskResult { upid: upid.clone(), status, log: vec!["TASK".into()], warnings: Vec::new() });
        assert!(end(ExitStatus::Ok).is_ok());
        for status in [ExitStatus::Warnings(1), ExitStatus::Unexpected, ExitStatus::Error("no".into())] {
            assert!(end(status).is_err());
        }
    }

    #[test]
    fn a_run_knows_when_it_began() {
        let run: RunId = Uuid::now_v7().to_string().parse().unwrap();
        assert!(begun_at(&run) > 1_600_000_000);
    }
}
