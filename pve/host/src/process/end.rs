//! Ending a program before its time: asked first, with everything that it started, then made to.

use std::io;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};

/// How long a program may take to put its own things in order.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two looks at a program that was asked to end.
const INTERVAL: Duration = Duration::from_millis(20);

/// Ends a program that leads a process group, and its group. It is gone when this returns.
pub(super) fn end(child: &mut Child) -> io::Result<()> {
    signal_group(child, Signal::TERM)?;
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        thread::park_timeout(INTERVAL);
    }
    signal_group(child, Signal::KILL)?;
    child.wait().map(drop)
}

/// The program was not waited for yet, so its number is still its own.
fn signal_group(child: &Child, signal: Signal) -> io::Result<()> {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let group = group.ok_or_else(|| io::Error::other("the process has no number"))?;
    match kill_process_group(group, signal) {
        Ok(()) | Err(Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
