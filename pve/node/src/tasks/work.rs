//! The inside of a task: what the worker process does.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use pve_wire::{ExitStatus, Upid};

use super::log::TaskLog;
use super::process::start_ticks;
use super::spawn::remember;
use super::{TaskRequest, interrupt};
use crate::containers::namespace;
use crate::error::Die;
use crate::faults::{self, Point};
use crate::ops::{self, Op};
use crate::state::Node;

/// Reads a [`TaskRequest`] from standard input and carries it out.
///
/// The UPID is printed first. `attached`: a person waits; lines are echoed. Otherwise this process leaves its caller's
/// session, so that it outlives it.
pub fn work(node: &Node, attached: bool) -> Result<ExitStatus, Die> {
    let request = read_request().map_err(Die::io("read", "standard input"))?;
    let request: TaskRequest =
        serde_json::from_slice(&request).map_err(|error| Die::text(format!("bad request: {error}")))?;
    if !attached {
        // Fails only for a process that leads its group already, as when a shell starts it by hand.
        let _ = rustix::process::setsid();
        interrupt::survive();
    }
    let upid = own_upid(node, &request)?;
    let log = TaskLog::begin(&node.layout, &upid, attached)?;
    writeln!(std::io::stdout(), "{upid}").map_err(Die::io("write", "standard output"))?;
    if attached {
        remember(node, Some(&upid));
    }
    let node = &if request.faults { node.clone().with_faults() } else { node.clone() };
    faults::follow(&node.faults, &upid);
    let op = Op { node, log: &log, auth_id: &request.auth_id };
    let result = namespace::forget_mounts_below(&node.layout.mounts()).and_then(|()| {
        faults::reach(Point::Start);
        faults::due()?;
        let result = ops::run(&request.job, &op);
        faults::reach(Point::End);
        faults::outcome(result)
    });
    Ok(log.finish(&result))
}

/// The first line of standard input. It is read byte by byte: what stands behind it is for who works on the request.
fn read_request() -> std::io::Result<Vec<u8>> {
    let (input, mut line, mut byte) = (std::io::stdin(), Vec::new(), [0]);
    while rustix::io::read(&input, &mut byte)? == 1 && byte != [b'\n'] {
        line.extend(byte);
    }
    Ok(line)
}

fn own_upid(node: &Node, request: &TaskRequest) -> Result<Upid, Die> {
    let pid = std::process::id();
    let ticks = start_ticks(pid).ok_or_else(|| Die::text("unable to read own process start from /proc"))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let start = u32::try_from(now).map_err(|_| Die::text("the clock is beyond the year 2106"))?;
    Upid::new(node.name(), (pid, ticks), start, request.job.kind(), &request.job.id(), &request.auth_id)
        .map_err(|error| Die::text(error.to_string()))
}
