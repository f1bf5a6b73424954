//! Tasks: looked for, read, stopped.

use pve_wire::api::calls::{LIST_TASKS, STOP_TASK, TASK_LOG, TASK_STATUS};
use pve_wire::{LogLine, TaskRow, TaskStatus, Upid};
use spec::ids::Vmid;

use crate::client::Client;
use crate::error::CallError;
use crate::request::Params;

/// Which tasks to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskFilter {
    /// Of this guest.
    pub vmid: Vmid,
    /// Of this type, `vzrestore`.
    pub kind: &'static str,
}

/// A part of a task's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// Its lines.
    pub lines: Vec<LogLine>,
    /// How many lines there are in all.
    pub total: u64,
}

/// How many lines are asked for at once: a page of the longest lines stays far below the cap of an answer.
const PAGE: u64 = 2000;

impl Client {
    /// `GET …/tasks?source=all`: finished and running, newest first. A token sees its own.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn tasks(&self, filter: &TaskFilter) -> Result<Vec<TaskRow>, CallError> {
        self.call(&LIST_TASKS, Params::on(filter.vmid).with("source", "all").with("typefilter", filter.kind)).await
    }

    /// `GET …/tasks/UPID/status`.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::UnknownTask`](crate::Meaning::UnknownTask) where the node forgot it.
    pub async fn task_status(&self, upid: &Upid) -> Result<TaskStatus, CallError> {
        self.call(&TASK_STATUS, on(upid)).await
    }

    /// `GET …/tasks/UPID/log`: `limit` lines from `start` (the first is 0).
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn task_log_page(&self, upid: &Upid, start: u64, limit: u64) -> Result<LogPage, CallError> {
        let page = self.page(&TASK_LOG, on(upid).with("start", &start).with("limit", &limit)).await?;
        let lines: Vec<LogLine> = page.data;
        let total = page.total.unwrap_or(start + lines.len() as u64);
        Ok(LogPage { lines, total })
    }

    /// The whole log, page by page.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn task_log(&self, upid: &Upid) -> Result<Vec<LogLine>, CallError> {
        let mut lines = Vec::new();
        loop {
            let page = self.task_log_page(upid, lines.len() as u64, PAGE).await?;
            let is_last = page.lines.is_empty() || (lines.len() + page.lines.len()) as u64 >= page.total;
            lines.extend(page.lines);
            if is_last {
                return Ok(lines);
            }
        }
    }

    /// `DELETE …/tasks/UPID`: asks the task to stop, and returns at once.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn stop_task(&self, upid: &Upid) -> Result<(), CallError> {
        self.call_quietly(&STOP_TASK, on(upid)).await
    }
}

fn on(upid: &Upid) -> Params {
    Params::new().with("upid", upid).with("node", upid.node())
}
