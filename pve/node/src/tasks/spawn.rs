//! The outside of a task: starting its process, and stopping it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use pve_wire::Upid;
use rustix::process::{Pid, Signal, kill_process_group};

use super::TaskRequest;
use super::active::take_note;
use super::process::is_alive;
use crate::error::{Die, chain};
use crate::exec::Program;
use crate::ops::Job;
use crate::state::Node;
use crate::wait;

/// Starts a task and returns its name; the task goes on by itself.
pub fn start(node: &Node, request: &TaskRequest) -> Result<Upid, Die> {
    let mut child = spawn(node, request, &[], Stdio::inherit())?;
    let started = child.stdout.take().map_or_else(|| Err(no_name()), |out| name(&mut BufReader::new(out)));
    let known = started.as_ref().ok().cloned();
    remember(node, known.as_ref());
    let node = node.clone();
    // Somebody must see it end, or it stays a zombie as long as this process lives.
    thread::spawn(move || {
        let _ = child.wait();
        remember(&node, known.as_ref());
    });
    started
}

/// A worker first tells the name of its task.
fn name(out: &mut impl BufRead) -> Result<Upid, Die> {
    let mut line = String::new();
    out.read_line(&mut line).map_err(Die::io("read from", "worker"))?;
    line.trim_end().parse().map_err(|_| no_name())
}

fn no_name() -> Die {
    Die::text("got no worker upid - start worker failed")
}

/// The lists may lag behind: work that has begun is not stopped because a list cannot be written.
pub(super) fn remember(node: &Node, upid: Option<&Upid>) {
    if let Err(error) = take_note(node, upid) {
        tracing::warn!(error = chain(&error), "the list of tasks was not brought up to date");
    }
}

/// Runs a task in the foreground, its log on standard output, and returns its name once it has ended.
pub fn foreground(node: &Node, request: &TaskRequest) -> Result<Upid, Die> {
    let mut child = spawn(node, request, &["--attached"], Stdio::inherit())?;
    let mut out = child.stdout.take().map(BufReader::new).ok_or_else(no_name)?;
    let started = name(&mut out);
    // A reader that went away (`| head`) must not end the work: it goes on unread.
    if std::io::copy(&mut out, &mut std::io::stdout()).is_err() {
        let _ = std::io::copy(&mut out, &mut std::io::sink());
    }
    child.wait().map_err(Die::io("wait for", "worker"))?;
    remember(node, None);
    started
}

/// The worker has a mount namespace of its own from its first instruction on: `unshare(1)` makes it.
fn spawn(node: &Node, request: &TaskRequest, more: &[&str], err: Stdio) -> Result<Child, Die> {
    if let Job::Power(power) = &request.job
        && power.is_start()
    {
        crate::containers::mount::release_host_mount(&node.layout, power.vmid)?;
    }
    let me = std::env::current_exe().map_err(Die::io("find", "/proc/self/exe"))?;
    let program = Program::new("unshare")
        .args(["--mount", "--propagation", "private", "--"])
        .arg(me)
        .arg("--state")
        .arg(node.layout.root())
        .arg("worker")
        .args(more);
    let mut child = program.spawn(Stdio::piped(), Stdio::piped(), err)?;
    let text = serde_json::to_string(request).map_err(|error| Die::text(error.to_string()))?;
    if let Some(mut pipe) = child.stdin.take() {
        pipe.write_all(format!("{text}\n").as_bytes()).map_err(Die::io("write to", "worker"))?;
        if request.job.reads_stdin() {
            // What is piped to the command is piped on; the worker says what is wrong with it.
            thread::spawn(move || std::io::copy(&mut std::io::stdin(), &mut pipe));
        }
    }
    Ok(child)
}

/// Stops a task and waits for its end: SIGTERM to its process group, SIGKILL when it still lives after five seconds.
pub fn stop(upid: &Upid) -> Result<(), Die> {
    let (pid, ticks) = (upid.pid(), upid.pstart());
    let Some(group) = i32::try_from(pid).ok().and_then(Pid::from_raw).filter(|_| is_alive(pid, ticks)) else {
        return Ok(());
    };
    kill_process_group(group, Signal::TERM).map_err(Die::sys("stop", upid.as_str()))?;
    let gone = || (!is_alive(pid, ticks)).then_some(());
    if wait::until(Duration::from_secs(5), Duration::from_millis(100), gone).is_none() {
        let _ = kill_process_group(group, Signal::KILL);
    }
    Ok(())
}
