//! One state directory, many processes.

use anyhow::{Result, ensure};

use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] = &[("node::many_processes_on_one_state_lose_no_update", many_processes)];

/// Eight processes change eight keys of one guest at once: per-guest locks keep every change.
fn many_processes(stage: &Stage) -> Result<()> {
    let vmid = "170";
    stage
        .lab
        .pct(&["restore", vmid, &stage.golden.archive.volid, "--storage", "local", "--unprivileged", "1"])?
        .ok()?;
    let changes = [
        ("cores", "3"),
        ("memory", "1537"),
        ("swap", "257"),
        ("hostname", "shared"),
        ("onboot", "1"),
        ("nameserver", "192.0.2.7"),
        ("searchdomain", "example.org"),
        ("tags", "contended"),
    ];
    std::thread::scope(|scope| {
        let at_once = changes.map(|(key, value)| {
            scope.spawn(move || stage.lab.pct(&["set", vmid, &format!("--{key}"), value])?.ok().map(drop))
        });
        at_once.into_iter().try_for_each(|change| change.join().map_err(|_| anyhow::anyhow!("a thread panicked"))?)
    })?;
    let config = stage.lab.pct(&["config", vmid])?.ok()?.stdout;
    for (key, value) in changes {
        ensure!(config.lines().any(|line| line == format!("{key}: {value}")), "{key} was lost:\n{config}");
    }
    stage.lab.pct(&["destroy", vmid])?.ok().map(drop)
}
