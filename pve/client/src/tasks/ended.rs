//! How a task ended.

use pve_wire::{ExitStatus, Upid};

use crate::answer::{Class, class_of_task};

/// How a task ended, with the last lines that it logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskResult {
    /// The task.
    pub upid: Upid,
    /// How it ended.
    pub status: ExitStatus,
    /// Its last lines, oldest first.
    pub log: Vec<String>,
    /// All warnings, wherever they stand in the log; only where it ended with warnings.
    pub warnings: Vec<String>,
}

/// A task that did not do its work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", told(result))]
pub struct TaskFailed {
    /// How it ended.
    pub result: Box<TaskResult>,
    /// What follows from it.
    pub class: Class,
}

impl TaskResult {
    /// The same, where the task did its work; warnings are the caller's to judge.
    ///
    /// # Errors
    /// [`TaskFailed`].
    pub fn succeeded(self) -> Result<Self, TaskFailed> {
        match class_of_task(&self.status) {
            None => Ok(self),
            Some(class) => Err(TaskFailed { result: Box::new(self), class }),
        }
    }
}

fn told(TaskResult { upid, status, log, .. }: &TaskResult) -> String {
    let lines: Vec<&str> = log.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    let (kind, id) = (upid.kind(), upid.id());
    format!("task {kind} {id} of the node ended `{status}`; its log ends: {}", lines.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(status: &str) -> TaskResult {
        let upid = "UPID:pve:0000260A:0005CBE2:6B0039B3:vzrestore:140:mint@pve!agent:".parse().unwrap();
        let log = vec!["tar: x: Cannot open".to_owned(), "TASK ERROR: no".to_owned()];
        TaskResult { upid, status: status.to_owned().into(), log, warnings: Vec::new() }
    }

    #[test]
    fn a_failure_tells_what_the_log_ends_with() {
        assert!(ended("OK").succeeded().is_ok() && ended("WARNINGS: 1").succeeded().is_ok());
        let failed = ended("unexpected status").succeeded().unwrap_err();
        assert_eq!(failed.class, Class::Ambiguous);
        assert_eq!(
            failed.to_string(),
            "task vzrestore 140 of the node ended `unexpected status`; its log ends: tar: x: Cannot open | TASK ERROR: no"
        );
    }
}
