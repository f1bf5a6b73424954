//! What a task meets at the points of its work.
//!
//! A worker is a process with one task, so what is due to it is kept for the process. Points need nothing from the
//! work itself: they are its start, the lines that it logs, and its end.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use pve_wire::Upid;
use rustix::process::{Signal, getpgrp, getpid, kill_process, kill_process_group};

use super::board::{Board, LOOK, PATIENCE};
use super::fault::{At, Fault, Strike, TaskFault};
use crate::error::{Die, chain};
use crate::tasks;
use crate::wait;

/// A point that a task has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point<'a> {
    /// Nothing is done.
    Start,
    /// This line was logged.
    Line(&'a str),
    /// Everything is done, and the last word is not written.
    End,
}

struct Followed {
    board: Board,
    upid: Upid,
}

/// A failure on its way.
#[derive(Default)]
struct Failure {
    /// The text that the next program is to fail with.
    due: Option<String>,
    /// The text that one has failed with.
    dealt: Option<String>,
}

static FOLLOWED: OnceLock<Followed> = OnceLock::new();
static FAILURE: Mutex<Failure> = Mutex::new(Failure { due: None, dealt: None });

/// From here on the faults on `board` hold for this process, which works on `upid`.
pub fn follow(board: &Board, upid: &Upid) {
    if board.is_on() {
        let _ = FOLLOWED.set(Followed { board: board.clone(), upid: upid.clone() });
    }
}

/// Tells that the task is at a point. Returns when it may go on.
pub fn reach(point: Point<'_>) {
    let Some(Followed { board, upid }) = FOLLOWED.get() else { return };
    let meant = |fault: &Fault| match fault {
        Fault::Task(fault) if meant(fault, upid, point) => Some(fault.act.clone()),
        _ => None,
    };
    match board.strike(upid.as_str(), meant) {
        Ok(None) => (),
        Ok(Some((_, Strike::Fail(text)))) => failure().due = Some(text),
        Ok(Some((_, Strike::Kill))) => die(),
        Ok(Some((id, Strike::Hold))) => hold(board, id, upid),
        // A fault that cannot be read is no fault that can be overlooked.
        Err(error) => failure().due = Some(chain(&error)),
    }
}

fn meant(fault: &TaskFault, upid: &Upid, point: Point<'_>) -> bool {
    let here = match (&fault.at, point) {
        (At::Start, Point::Start) | (At::End, Point::End) => true,
        (At::Line(text), Point::Line(line)) => line.contains(text.as_str()),
        _ => false,
    };
    here && fault.kind == upid.kind() && fault.id.as_deref().is_none_or(|id| id == upid.id())
}

fn hold(board: &Board, id: u64, upid: &Upid) {
    let free = || (!board.stands(id) || tasks::interrupted()).then_some(());
    let in_time = wait::until(PATIENCE, LOOK, free).is_some();
    if tasks::interrupted() {
        failure().due = Some("received interrupt".to_owned());
    } else if !in_time {
        failure().due = Some("test fault: held too long".to_owned());
    }
    if let Err(error) = board.let_go(id, upid.as_str()) {
        failure().due = Some(chain(&error));
    }
}

/// As `kill -9` on the worker and its programs; a worker that leads no group of its own ends alone.
fn die() {
    let me = getpid();
    let _ = if getpgrp() == me { kill_process_group(me, Signal::KILL) } else { kill_process(me, Signal::KILL) };
    // The signal is on its way; nothing more may happen until it is here.
    loop {
        std::thread::park();
    }
}

/// Fails with the text that is due, once: whoever is about to start a program asks.
pub fn due() -> Result<(), Die> {
    let mut failure = failure();
    match failure.due.take() {
        None => Ok(()),
        Some(text) => {
            failure.dealt = Some(text.clone());
            Err(Die::text(text))
        }
    }
}

/// The task's end, seeing to it that a failure which was set is not lost where the work overlooks a program's failure
/// or starts none any more.
pub fn outcome(result: Result<(), Die>) -> Result<(), Die> {
    let mut failure = failure();
    let failed = failure.due.take().or_else(|| failure.dealt.take());
    result.and_then(|()| failed.map_or(Ok(()), |text| Err(Die::text(text))))
}

fn failure() -> MutexGuard<'static, Failure> {
    FAILURE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_met_at_its_point_by_its_task_only() {
        let upid = Upid::new("pve", (1, 1), 1, "vzrestore", "9101", "root@pam").unwrap();
        let fault = |text: &str| serde_json::from_str::<TaskFault>(text).unwrap();
        let at_line = fault(r#"{"type":"vzrestore","id":"9101","at":{"line":"extracting"},"do":"kill"}"#);
        assert!(meant(&at_line, &upid, Point::Line("extracting archive 'x'")));
        assert!(!meant(&at_line, &upid, Point::Line("merging")) && !meant(&at_line, &upid, Point::Start));
        let other = fault(r#"{"type":"vzrestore","id":"9102","do":"kill"}"#);
        assert!(!meant(&other, &upid, Point::Start));
        assert!(meant(&fault(r#"{"type":"vzrestore","at":"end","do":"kill"}"#), &upid, Point::End));
        assert!(!meant(&fault(r#"{"type":"vzstart","do":"kill"}"#), &upid, Point::Start));
    }
}
