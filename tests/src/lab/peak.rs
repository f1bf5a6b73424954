//! How much memory a program takes at most.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use super::done::Done;

/// Between two looks.
const INTERVAL: Duration = Duration::from_millis(5);

/// Runs a program to its end; beside how it ended the kernel's own high-water mark of its memory, in KiB.
pub fn run_and_weigh(command: &mut Command) -> Result<(Done, u64)> {
    let line = format!("{command:?}").replace('"', "");
    let streams = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = streams.spawn().with_context(|| format!("running {line}"))?;
    let status = format!("/proc/{}/status", child.id());
    let watcher = thread::spawn(move || {
        let mut peak = 0;
        // The file loses its memory lines when the process becomes a zombie: that is the end of the watch.
        while let Some(kib) = fs::read_to_string(&status).ok().as_deref().and_then(high_water) {
            peak = kib;
            thread::park_timeout(INTERVAL);
        }
        peak
    });
    let output = child.wait_with_output()?;
    let peak = watcher.join().map_err(|_| anyhow!("the watcher panicked"))?;
    Ok((Done::of(line, &output), peak))
}

fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read_in_kib() {
        assert_eq!(high_water("Name:\tx\nVmHWM:\t   17740 kB\nVmRSS:\t 1 kB\n"), Some(17740));
        assert_eq!(high_water("Name:\tx\nState:\tZ (zombie)\n"), None);
    }
}
