//! Tasks: looked for, read, waited for.

use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pve_wire::{ExitStatus, LogLine, TaskRow, TaskState, TaskStatus, Upid};
use spec::ids::Vmid;

use crate::answer::Class;
use crate::client::Client;
use crate::error::CallError;
use crate::params::Params;

/// Which tasks to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskFilter {
    /// Of this guest.
    pub vmid: Vmid,
    /// Of this type, `vzrestore`.
    pub kind: &'static str,
}

/// How a task ended, with the last lines that it logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskResult {
    /// The task.
    pub upid: Upid,
    /// How it ended.
    pub status: ExitStatus,
    /// Its last lines, oldest first.
    pub log: Vec<String>,
}

/// Why a task's end is not known.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// It did not end in time; it still runs.
    #[error("task {upid} still runs after {} s", after.as_secs())]
    TimedOut {
        /// The task.
        upid: Upid,
        /// How long was waited.
        after: Duration,
    },
    /// The node could not be asked.
    #[error("task {upid} cannot be followed")]
    Lost {
        /// The task.
        upid: Upid,
        /// Why not.
        #[source]
        source: CallError,
    },
}

/// The first looks come quickly, for tasks that take a tenth of a second; later ones every second.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long a node may be out of reach while a task is followed: a restart of pveproxy takes some seconds.
const PATIENCE: Duration = Duration::from_mins(1);
const TAIL: usize = 12;

impl Client {
    /// `GET …/tasks?source=all`: finished and running, newest first. A token sees its own.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn tasks(&self, filter: &TaskFilter) -> Result<Vec<TaskRow>, CallError> {
        let params = Params::new().with("source", "all").with("vmid", &filter.vmid).with("typefilter", filter.kind);
        self.get(self.on_node("/tasks"), params).await
    }

    /// `GET …/tasks/UPID/status`.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::UnknownTask`](crate::Meaning::UnknownTask) where the node forgot it.
    pub async fn task_status(&self, upid: &Upid) -> Result<TaskStatus, CallError> {
        self.get(self.on_task(upid, "/status"), Params::new()).await
    }

    /// `GET …/tasks/UPID/log?limit=0`: all lines.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn task_log(&self, upid: &Upid) -> Result<Vec<LogLine>, CallError> {
        self.get(self.on_task(upid, "/log"), Params::new().with("limit", "0")).await
    }

    /// Follows a task to its end, at most for `deadline`. The task's exit status decides, nothing else does.
    ///
    /// # Errors
    /// [`WaitError`]: it still runs, or nobody can be asked.
    pub async fn wait_task(&self, upid: &Upid, deadline: Duration) -> Result<TaskResult, WaitError> {
        let began = Instant::now();
        let mut answered = began;
        let mut pause = FIRST_PAUSE;
        loop {
            match self.task_status(upid).await {
                Ok(TaskStatus { status: TaskState::Stopped, exitstatus, .. }) => {
                    let status = exitstatus.unwrap_or(ExitStatus::Unexpected);
                    return Ok(TaskResult { upid: upid.clone(), status, log: self.tail(upid).await });
                }
                Ok(_) => answered = Instant::now(),
                Err(source) if answered.elapsed() > PATIENCE || !may_come_back(&source) => {
                    return Err(WaitError::Lost { upid: upid.clone(), source });
                }
                Err(error) => tracing::debug!(%upid, %error, "the node does not answer, asking again"),
            }
            if began.elapsed() > deadline {
                return Err(WaitError::TimedOut { upid: upid.clone(), after: deadline });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// The last lines, for people; a log that cannot be read changes nothing about how the task ended.
    async fn tail(&self, upid: &Upid) -> Vec<String> {
        let lines = self.task_log(upid).await.unwrap_or_default();
        let skip = lines.len().saturating_sub(TAIL);
        lines.into_iter().skip(skip).map(|line| line.t).collect()
    }

    fn on_task(&self, upid: &Upid, rest: &str) -> String {
        self.on_node(&format!("/tasks/{}{rest}", utf8_percent_encode(upid.as_str(), NON_ALPHANUMERIC)))
    }
}

fn may_come_back(error: &CallError) -> bool {
    matches!(error.class(), Class::Transient | Class::Ambiguous)
}
