//! Waiting for a task's end.

use std::time::{Duration, Instant};

use pve_wire::{ExitStatus, TaskState, TaskStatus, Upid};

use super::ended::TaskResult;
use crate::answer::Class;
use crate::client::Client;
use crate::error::CallError;

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
        /// The last lines that it logged so far.
        log: Vec<String>,
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

/// How a wait ended that could be cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watched {
    /// The task ended by itself.
    Ended(TaskResult),
    /// It was left alone and goes on.
    Left,
    /// It was stopped, and ended so; one that was quicker ended `OK` all the same.
    Stopped(TaskResult),
}

/// What becomes of a task for which nobody waits any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnCancel {
    /// It goes on.
    Leave,
    /// It is stopped: SIGTERM, and SIGKILL after five seconds.
    Stop,
}

/// Between two looks lies a sixteenth of what the task has taken so far: so its end is noticed late by about three
/// hundredths of its time, be it a tenth of a second or ten.
const PART: u32 = 16;
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long a node may be out of reach while a task is followed: a restart of pveproxy takes some seconds.
const PATIENCE: Duration = Duration::from_mins(1);
/// A task that is stopped lives for five seconds at most, and takes back what it did.
const STOPPING: Duration = Duration::from_secs(30);
const TAIL: u64 = 12;

impl Client {
    /// Follows a task to its end, at most for `deadline`. The task's exit status decides, nothing else does.
    ///
    /// # Errors
    /// [`WaitError`]: it still runs, or nobody can be asked.
    pub async fn wait_task(&self, upid: &Upid, deadline: Duration) -> Result<TaskResult, WaitError> {
        let began = Instant::now();
        let mut answered = began;
        loop {
            match self.task_status(upid).await {
                Ok(TaskStatus { status: TaskState::Stopped, exitstatus, .. }) => {
                    return Ok(self.ended(upid, exitstatus.unwrap_or(ExitStatus::Unexpected)).await);
                }
                Ok(_) => answered = Instant::now(),
                Err(source) if answered.elapsed() > PATIENCE || !may_come_back(&source) => {
                    return Err(WaitError::Lost { upid: upid.clone(), source });
                }
                Err(error) => tracing::debug!(%upid, %error, "the node does not answer, asking again"),
            }
            let taken = began.elapsed();
            let left = deadline.saturating_sub(taken);
            if left.is_zero() {
                return Err(WaitError::TimedOut { upid: upid.clone(), after: deadline, log: self.tail(upid).await });
            }
            tokio::time::sleep(pause(taken).min(left)).await;
        }
    }

    /// The same, until `cancelled` says what is to become of the task instead.
    ///
    /// # Errors
    /// As [`Client::wait_task`]; also where the task cannot be stopped, or does not end by it.
    pub async fn wait_task_unless(
        &self,
        upid: &Upid,
        deadline: Duration,
        cancelled: impl Future<Output = OnCancel> + Send,
    ) -> Result<Watched, WaitError> {
        let wish = tokio::select! {
            biased;
            ended = self.wait_task(upid, deadline) => return ended.map(Watched::Ended),
            wish = cancelled => wish,
        };
        match wish {
            OnCancel::Leave => Ok(Watched::Left),
            OnCancel::Stop => {
                let lost = |source| WaitError::Lost { upid: upid.clone(), source };
                self.stop_task(upid).await.map_err(lost)?;
                self.wait_task(upid, STOPPING).await.map(Watched::Stopped)
            }
        }
    }

    async fn ended(&self, upid: &Upid, status: ExitStatus) -> TaskResult {
        let log = self.tail(upid).await;
        let warnings = match status {
            ExitStatus::Warnings(_) => self.warnings(upid).await,
            _ => Vec::new(),
        };
        TaskResult { upid: upid.clone(), status, log, warnings }
    }

    /// The last lines, for people; a log that cannot be read changes nothing about how the task ended.
    async fn tail(&self, upid: &Upid) -> Vec<String> {
        let Ok(first) = self.task_log_page(upid, 0, TAIL).await else { return Vec::new() };
        let lines = if first.total > TAIL {
            self.task_log_page(upid, first.total - TAIL, TAIL).await.map(|page| page.lines).unwrap_or_default()
        } else {
            first.lines
        };
        lines.into_iter().map(|line| line.t).collect()
    }

    async fn warnings(&self, upid: &Upid) -> Vec<String> {
        let lines = self.task_log(upid).await.unwrap_or_default();
        lines.iter().filter_map(|line| line.t.trim().strip_prefix("WARN: ")).map(str::to_owned).collect()
    }
}

fn pause(taken: Duration) -> Duration {
    (taken / PART).clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
}

fn may_come_back(error: &CallError) -> bool {
    !error.is_forgotten_task() && matches!(error.class(), Class::Transient | Class::Ambiguous)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_grow_rarer_with_the_tasks_age() {
        let looks = |task: Duration| {
            let (mut at, mut looks) = (Duration::ZERO, 1_u32);
            while at < task {
                at += pause(at);
                looks += 1;
            }
            (looks, at.saturating_sub(task))
        };
        assert_eq!(looks(Duration::from_millis(100)), (3, Duration::ZERO));
        let (many, late) = looks(Duration::from_secs(8));
        assert!(many < 60 && late <= Duration::from_millis(500), "{many} looks, {late:?} late");
        let (many, late) = looks(Duration::from_mins(10));
        assert!(many < 660 && late <= Duration::from_secs(1), "{many} looks, {late:?} late");
    }
}
