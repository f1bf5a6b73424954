//! `[wait]`: how long the agent is patient.

use std::time::Duration;

use serde::Deserialize;

/// `[wait]`, in seconds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// For a task of the node.
    pub task: Option<u64>,
    /// For a started guest to have an address, to finish first boot and to answer.
    pub guest: Option<u64>,
}

/// How long the agent is patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Longest wait for a task of the node.
    pub task: Duration,
    /// Longest wait for a started guest.
    pub guest: Duration,
}

/// Accepts the section.
pub(super) fn accepted(wait: &Written) -> Patience {
    Patience {
        task: Duration::from_secs(wait.task.unwrap_or(600)),
        guest: Duration::from_secs(wait.guest.unwrap_or(180)),
    }
}
