//! How a task stands, read from its log and its process.

use std::fs;

use pve_wire::{ExitStatus, TaskState, TaskStatus, Upid};

use super::log::{last_word, log_path};
use super::process::is_alive;
use crate::state::Node;

/// The path of a known task's log; none for a task that this node has never run.
pub fn find(node: &Node, upid: &Upid) -> Option<std::path::PathBuf> {
    Some(log_path(&node.layout, upid)).filter(|path| upid.node() == node.name() && path.exists())
}

/// How a task ended; none while it runs.
pub fn exit_status(node: &Node, upid: &Upid) -> Option<ExitStatus> {
    (!is_alive(upid.pid(), upid.pstart())).then(|| last_status(node, upid))
}

/// What the log of a task whose worker is gone says about its end.
pub(super) fn last_status(node: &Node, upid: &Upid) -> ExitStatus {
    let log = fs::read(log_path(&node.layout, upid)).unwrap_or_default();
    last_word(&log).unwrap_or(ExitStatus::Unexpected)
}

/// The answer to `GET …/tasks/{upid}/status`.
pub fn status(node: &Node, upid: &Upid) -> TaskStatus {
    let exitstatus = exit_status(node, upid);
    TaskStatus {
        upid: upid.to_string(),
        node: upid.node().to_owned(),
        pid: u64::from(upid.pid()),
        pstart: upid.pstart(),
        starttime: u64::from(upid.starttime()),
        kind: upid.kind().to_owned(),
        id: upid.id().to_owned(),
        user: upid.user().to_owned(),
        tokenid: upid.token_name().map(str::to_owned),
        status: if exitstatus.is_none() { TaskState::Running } else { TaskState::Stopped },
        exitstatus,
    }
}
