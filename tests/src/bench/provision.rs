//! Whole provisions, out of archives and out of warm goldens side by side, and the agent's own share of each.
//!
//! The agent's own share is the time from its start to its end in which it waited for none of these:
//!
//! | what | from | until |
//! |---|---|---|
//! | a task of the node | the birth of the task's log | its last write: the worker's last line |
//! | an answer of the node, or of the helper there | the agent's trace: the answer less the time it took | the answer |
//! | the guest's boot | the end of the start task | systemd's `FinishTimestamp` inside the guest |
//!
//! What is left holds everything else: signatures and digests, the ledger's and the journal's writes, pauses between
//! two looks at something that had already ended, and the login with its commands.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::golden::Golden;
use super::measure::median;
use super::waited::{Span, Whose, answers, covered};
use crate::lab::{Btrfs, Done, Lab, run};

/// How often each is measured; the median counts.
const ROUNDS: usize = 5;

/// One way of making a guest, medians.
pub(super) struct Provisions {
    pub(super) what: String,
    pub(super) wall: Duration,
    /// The sum of the node's tasks.
    pub(super) tasks: Duration,
    /// Waiting for the helper alone.
    pub(super) helper: Duration,
    pub(super) own: Duration,
    /// Of the agent's process, user and system.
    pub(super) cpu: Duration,
}

/// What one took.
struct Taken {
    wall: Duration,
    tasks: Duration,
    helper: Duration,
    own: Duration,
    cpu: Duration,
}

/// For each golden: out of its archive, then out of the warm golden.
pub(super) fn all(lab: &Lab, storage: &Btrfs<'_>, golden: &Golden) -> Result<Vec<[Provisions; 2]>> {
    let config = lab.layout.root().join("agent-bt.toml");
    fs::write(&config, storage.agent_config()?)?;
    golden.released.iter().map(|name| both(lab, &config, name)).collect()
}

fn both(lab: &Lab, config: &Path, golden: &str) -> Result<[Provisions; 2]> {
    let made: Value = agent(lab, config, &["warm", "make", golden, "--json"])?.json()?;
    let template = made["warm"]["vmid"].as_u64().context("the template's number")?.to_string();
    let (mut cold, mut warm) = (vec![], vec![]);
    for round in 1..=ROUNDS {
        eprintln!("provisions of {golden}: round {round} of {ROUNDS}");
        cold.push(one(lab, config, golden, &["--cold"])?);
        warm.push(one(lab, config, golden, &[])?);
    }
    agent(lab, config, &["warm", "remove", &template])?;
    Ok([of(format!("{golden}, out of its archive"), &cold), of(format!("{golden}, warm"), &warm)])
}

fn of(what: String, taken: &[Taken]) -> Provisions {
    let middle = |part: fn(&Taken) -> Duration| median(taken.iter().map(part).collect());
    Provisions {
        what,
        wall: middle(|taken| taken.wall),
        tasks: middle(|taken| taken.tasks),
        helper: middle(|taken| taken.helper),
        own: middle(|taken| taken.own),
        cpu: middle(|taken| taken.cpu),
    }
}

fn agent(lab: &Lab, config: &Path, words: &[&str]) -> Result<Done> {
    run(Command::new(&lab.programs.agent).arg("--config").arg(config).args(words), false)?.ok()
}

/// A provision and its destruction.
fn one(lab: &Lab, config: &Path, golden: &str, more: &[&str]) -> Result<Taken> {
    let before = task_logs(lab)?;
    let trace = lab.layout.root().join("trace");
    // The shell's `time` is the child's getrusage.
    let script = r#"TIMEFORMAT="%3U %3S"; time "$@" 2>"$0""#;
    let mut command = Command::new("bash");
    command.args(["-c", script]).arg(&trace).arg(&lab.programs.agent).arg("--config").arg(config);
    command.args(["provision", "--customer", "measured", "--golden", golden, "--json"]).args(more);
    command.env("MINTMARK_LOG", "debug").env("NO_COLOR", "1");
    let from = SystemTime::now();
    let done = run(&mut command, false)?.ok();
    let whole = Span { from, to: SystemTime::now() };
    let trace = fs::read_to_string(trace)?;
    let done = done.with_context(|| trace.clone())?;
    let guest: Value = done.json()?;
    let tasks = task_logs(lab)?.difference(&before).map(|log| task(log)).collect::<Result<Vec<Task>>>()?;
    let boot = boot(lab, guest["vmid"].as_u64().context("the guest's number")?, &tasks)?;
    agent(lab, config, &["destroy", "measured"])?;
    taken(whole, &tasks, boot, &trace, cpu(&done.stderr)?)
}

fn taken(whole: Span, tasks: &[Task], boot: Span, trace: &str, cpu: Duration) -> Result<Taken> {
    let wall = whole.to.duration_since(whole.from)?;
    let answers = answers(trace)?;
    let of = |wanted| answers.iter().filter(move |(whose, _)| *whose == wanted).map(|(_, span)| *span);
    ensure!(of(Whose::Node).count() > 10, "the trace tells too little:\n{trace}");
    let node: Vec<Span> = tasks.iter().map(|task| task.span).chain(of(Whose::Node)).chain([boot]).collect();
    let with_helper = covered(whole, node.iter().copied().chain(of(Whose::Helper)));
    let helper = with_helper.saturating_sub(covered(whole, node));
    let mut sum = Duration::ZERO;
    for task in tasks {
        sum += task.span.to.duration_since(task.span.from)?;
    }
    Ok(Taken { wall, tasks: sum, helper, own: wall.saturating_sub(with_helper), cpu })
}

struct Task {
    kind: String,
    span: Span,
}

fn task(log: &Path) -> Result<Task> {
    let name = log.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let kind = name.split(':').nth(5).with_context(|| format!("{name} is no UPID"))?.to_owned();
    let file = fs::metadata(log)?;
    Ok(Task { kind, span: Span { from: file.created()?, to: file.modified()? } })
}

/// The logs of all tasks that the node knows, each named by its UPID.
fn task_logs(lab: &Lab) -> Result<BTreeSet<PathBuf>> {
    let mut logs = BTreeSet::new();
    for folder in fs::read_dir(lab.layout.node().join("tasks"))? {
        let folder = folder?.path();
        if folder.is_dir() {
            logs.extend(fs::read_dir(folder)?.flatten().map(|entry| entry.path()));
        }
    }
    Ok(logs)
}

/// From the end of the start task to the end of the guest's boot.
fn boot(lab: &Lab, vmid: u64, tasks: &[Task]) -> Result<Span> {
    let start = tasks.iter().find(|task| task.kind == "vzstart").context("no task started the guest")?;
    let asked = "date -ud \"$(systemctl show --timestamp=us+utc -P FinishTimestamp)\" +%s.%N";
    let said = lab.in_guest(vmid.try_into()?, asked)?.ok()?.stdout;
    let since: f64 = said.trim().parse().with_context(|| format!("the guest's boot ended at {said:?}"))?;
    let ended = SystemTime::UNIX_EPOCH + Duration::from_secs_f64(since);
    Ok(Span { from: start.span.to, to: ended.max(start.span.to) })
}

/// `0.123 0.045`: user and system, seconds.
fn cpu(told: &str) -> Result<Duration> {
    let mut sum = 0.0;
    for seconds in told.split_whitespace() {
        sum += seconds.parse::<f64>().with_context(|| format!("the shell's time {told:?}"))?;
    }
    Ok(Duration::from_secs_f64(sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_was_waited_for_is_the_agents_own() {
        let at = |ms| SystemTime::UNIX_EPOCH + Duration::from_millis(ms);
        let task = Task { kind: "vzrestore".into(), span: Span { from: at(100), to: at(1_100) } };
        let boot = Span { from: at(1_100), to: at(2_000) };
        let node: String =
            (0..11).map(|_| line("1970-01-01T00:00:00.100000Z", "pve_client::transport::trace:", 50)).collect();
        let helper = line("1970-01-01T00:00:02.100000Z", "x: asked the helper", 50);
        let whole = Span { from: at(0), to: at(2_200) };
        let taken = taken(whole, &[task], boot, &(node + &helper), Duration::ZERO).unwrap();
        let ms = Duration::from_millis;
        assert_eq!((taken.tasks, taken.helper, taken.own), (ms(1_000), ms(50), ms(50 + 50 + 100)));
        assert_eq!(cpu("0.123 0.045\n").unwrap(), ms(168));
    }

    fn line(stamp: &str, what: &str, ms: u64) -> String {
        format!("{stamp} DEBUG {what} answered ms={ms}\n")
    }
}
