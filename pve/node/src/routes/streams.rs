//! The standard streams of a process in which a person at a terminal waits for a task.

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, IntoRawFd};

use rustix::stdio::{dup2_stderr, dup2_stdout};

use crate::error::Die;

/// Keeps standard output for data and sends what is said to standard error instead. The task, a process of its own, finds
/// the descriptor below this process's directory in `/proc`.
pub(super) fn hand_over_stdout() -> Result<String, Die> {
    let kept = std::io::stdout().as_fd().try_clone_to_owned().map_err(Die::io("keep", "standard output"))?;
    let path = format!("/proc/{}/fd/{}", std::process::id(), kept.as_raw_fd());
    dup2_stdout(std::io::stderr()).map_err(Die::sys("redirect", "standard output"))?;
    // It stays open as long as this process waits for the task.
    let _ = kept.into_raw_fd();
    Ok(path)
}

/// Nothing more is said.
pub(super) fn fall_silent() -> Result<(), Die> {
    let null = File::options().write(true).open("/dev/null").map_err(Die::io("open", "/dev/null"))?;
    dup2_stdout(&null).map_err(Die::sys("redirect", "standard output"))?;
    dup2_stderr(&null).map_err(Die::sys("redirect", "standard error"))
}
