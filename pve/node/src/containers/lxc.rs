//! LXC's programs: who runs, start, stop, attach.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use spec::ids::Vmid;

use crate::error::Die;
use crate::exec::Program;
use crate::state::Layout;
use crate::tasks::TaskLog;
use crate::wait;

const INTERVAL: Duration = Duration::from_millis(50);

/// The guests that run: those whose monitor listens on its command socket.
pub fn running(layout: &Layout) -> BTreeSet<Vmid> {
    let sockets = fs::read_to_string("/proc/net/unix").unwrap_or_default();
    let prefix = format!("@{}/", layout.lxc().display());
    let vmid = |line: &str| {
        let name = line.split_ascii_whitespace().nth(7)?;
        name.strip_prefix(&prefix)?.strip_suffix("/command")?.parse().ok()
    };
    sockets.lines().filter_map(vmid).collect()
}

/// Whether a guest runs.
pub fn is_running(layout: &Layout, vmid: Vmid) -> bool {
    running(layout).contains(&vmid)
}

/// One of LXC's programs, told where this node's containers are.
pub fn lxc(layout: &Layout, program: &str, vmid: Vmid) -> Program {
    Program::new(program).arg("-P").arg(layout.lxc()).args(["-n", &vmid.to_string()])
}

/// The host's process id of a guest's init; none when it does not run.
pub fn init_pid(layout: &Layout, vmid: Vmid) -> Option<u32> {
    lxc(layout, "lxc-info", vmid).args(["-p", "-H"]).read().ok()?.trim().parse().ok()
}

/// Ends a guest at once and waits until its monitor is gone.
pub fn kill(layout: &Layout, vmid: Vmid) -> Result<(), Die> {
    // lxc-stop fails when the guest has just ended by itself; what counts is whether it is gone.
    let asked = lxc(layout, "lxc-stop", vmid).args(["--kill", "--nolock"]).read();
    if await_end(layout, vmid, Duration::from_secs(30)) {
        Ok(())
    } else {
        asked.and(Err(Die::text("container did not stop")))
    }
}

/// Has LXC ask a guest's init to shut down and wait for it, a minute unless `timeout` says otherwise; with `force` LXC then
/// ends the guest.
pub fn shut_down(
    layout: &Layout,
    vmid: Vmid,
    timeout: Option<u64>,
    force: bool,
    line: &(dyn Fn(&str) + Sync),
) -> Result<(), Die> {
    let kill = (!force).then(|| "--nokill".to_owned());
    let patience = timeout.map(|seconds| ["--timeout".to_owned(), seconds.to_string()]);
    let words: Vec<String> = kill.into_iter().chain(patience.into_iter().flatten()).collect();
    lxc(layout, "lxc-stop", vmid).args(&words).run(line).map_err(|error| match error {
        // The path of LXC's directory is this node's own affair.
        Die::Command { how, .. } => {
            let parts = ["lxc-stop".to_owned(), "-n".to_owned(), vmid.to_string()].into_iter().chain(words);
            Die::Command { command: parts.collect::<Vec<_>>().join(" "), how }
        }
        other => other,
    })
}

/// Waits until a guest's monitor is gone; false when that takes longer than `patience`.
pub fn await_end(layout: &Layout, vmid: Vmid, patience: Duration) -> bool {
    wait::until(patience, INTERVAL, || (!is_running(layout, vmid)).then_some(())).is_some()
}

/// What LXC has told of a guest's last start.
pub fn told(layout: &Layout, vmid: Vmid) -> String {
    fs::read_to_string(layout.lxc().join(vmid.to_string()).join("log")).unwrap_or_default()
}

/// Waits until LXC calls a guest running, which is when its init was started.
pub fn await_running(layout: &Layout, vmid: Vmid, log: &TaskLog) -> Result<(), Die> {
    let state = || lxc(layout, "lxc-info", vmid).args(["-s", "-H"]).read().ok();
    let up = wait::until(Duration::from_secs(10), INTERVAL, || state().filter(|state| state.trim() == "RUNNING"));
    if up.is_some() {
        return Ok(());
    }
    for line in told(layout, vmid).lines().filter(|line| line.contains("ERROR")) {
        log.line(line);
    }
    Err(Die::text(format!("startup for container '{vmid}' failed")))
}

/// A command inside a running guest, ready to start; without arguments a login shell.
pub fn attach(layout: &Layout, vmid: Vmid, keep_env: bool, command: &[String]) -> Program {
    let program = lxc(layout, "lxc-attach", vmid);
    if keep_env {
        let program = program.in_callers_environment().arg("--keep-env");
        return if command.is_empty() { program } else { program.arg("--").args(command) };
    }
    let program = program.arg("--clear-env");
    let program = ["TERM=linux", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"]
        .iter()
        .fold(program, |program, variable| program.args(["--set-var", variable]));
    if command.is_empty() { program } else { program.arg("--").args(command) }
}
