//! One backup job at a time on a node.

use std::fs::{self, File};
use std::io::Write;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::error::Die;
use crate::ops::Op;
use crate::state::Node;
use crate::{tasks, wait};

/// The lock's name in Proxmox's texts.
const NAME: &str = "/var/run/vzdump.lock";

/// The held lock; let go when dropped. The file names the process that holds it.
pub(super) struct Held {
    _file: File,
}

impl Held {
    fn taken(mut file: File) -> Self {
        let pid = std::process::id();
        let told = format!("{pid} {}\n", tasks::start_ticks(pid).unwrap_or_default());
        // Who cannot be named cannot be stopped by name; the lock holds all the same.
        let _ = file.set_len(0).and_then(|()| file.write_all(told.as_bytes()));
        Self { _file: file }
    }
}

/// Takes the lock, waiting up to `minutes`; none where somebody else kept it all the time, which the log then tells.
pub(super) fn acquire(op: &Op<'_>, minutes: u64) -> Result<Option<Held>, Die> {
    let path = op.node.layout.vzdump_lock();
    let file = File::options().create(true).append(true).open(&path).map_err(Die::io("open", &path))?;
    let attempt = || flock(&file, FlockOperation::NonBlockingLockExclusive).ok();
    if attempt().is_some() {
        return Ok(Some(Held::taken(file)));
    }
    if minutes == 0 {
        op.line(&format!("ERROR: can't acquire lock '{NAME}' (wait = 0)"));
        return Ok(None);
    }
    op.info("trying to get global lock - waiting...");
    let stopped = || tasks::interrupted().then_some(false);
    let got = wait::until(Duration::from_mins(minutes), Duration::from_millis(100), || {
        attempt().map(|()| true).or_else(stopped)
    });
    let why = match got {
        Some(true) => {
            op.info("got global lock");
            return Ok(Some(Held::taken(file)));
        }
        Some(false) => "interrupted by signal",
        None => "got timeout",
    };
    op.line(&format!("ERROR: can't acquire lock '{NAME}' - {why}"));
    Ok(None)
}

/// Tells the running job to end and waits until it has, at most a quarter of a minute; nothing to do where none runs.
pub fn stop_running(node: &Node) -> Result<(), Die> {
    let text = fs::read_to_string(node.layout.vzdump_lock()).unwrap_or_default();
    let mut words = text.split_whitespace().map(str::parse::<u64>);
    let (Some(Ok(pid)), Some(Ok(ticks))) = (words.next(), words.next()) else { return Ok(()) };
    let number = u32::try_from(pid).unwrap_or_default();
    let Some(process) = i32::try_from(pid).ok().and_then(Pid::from_raw).filter(|_| tasks::is_alive(number, ticks))
    else {
        return Ok(());
    };
    // A job on the command line leads no group; its programs end with the terminal's own.
    if kill_process_group(process, Signal::TERM).is_err() {
        kill_process(process, Signal::TERM).map_err(Die::sys("stop", format!("/proc/{pid}")))?;
    }
    let gone = || (!tasks::is_alive(number, ticks)).then_some(());
    let ended = wait::until(Duration::from_secs(15), Duration::from_millis(100), gone);
    ended.ok_or_else(|| Die::text(format!("stopping backup process {pid} failed")))
}
