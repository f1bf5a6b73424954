//! A running guest's tree, copied by rsync: once while it runs, once more while it stands still.

use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use super::guest::Backup;
use super::mounts::Plan;
use super::pipeline::failure;
use crate::error::Die;
use crate::exec::Program;

/// rsync's exit code where files went away while it ran.
const VANISHED: i32 = 24;

/// The first of two passes copies all, the second only what changed meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// While the guest runs.
    First,
    /// While it is frozen.
    Final,
}

/// Copies the tree of the guest whose init is `pid` to the backup's temporary directory.
pub(super) fn sync(backup: &Backup<'_>, plan: &Plan, pid: u32, pass: Pass) -> Result<(), Die> {
    let (word, log) = (if pass == Pass::First { "first" } else { "final" }, &backup.log);
    let from = format!("/proc/{pid}/root/");
    let to = backup.tmpdir.display();
    log.info(&format!("starting {word} sync {from} to {to}"));
    let started = Instant::now();
    let transferred = Mutex::new(String::new());
    let out = |line: &str| {
        if let (Some(size), Ok(mut kept)) = (line.strip_prefix("Total transferred file size: "), transferred.lock()) {
            size.clone_into(&mut kept);
        }
    };
    // The words of a program that was told to stop would only hide who told it.
    let err = |line: &str| {
        if !crate::tasks::interrupted() {
            log.error(line);
        }
    };
    let (status, shown) = program(backup, plan, &from, pass, &backup.tmpdir).run_apart(&out, &err)?;
    if !matches!(status.code(), Some(0 | VANISHED)) {
        return Err(failure(&shown, status));
    }
    let transferred = transferred.into_inner().unwrap_or_default();
    log.info(&format!("{word} sync finished - transferred {transferred} in {}s", started.elapsed().as_secs()));
    Ok(())
}

/// `/./` parts what is left off the names from what stays, so that patterns and mount points mean the guest's paths.
fn program(backup: &Backup<'_>, plan: &Plan, from: &str, pass: Pass, to: &Path) -> Program {
    let settings = backup.job.settings;
    let program = Program::new("rsync").args(["--stats", "-h", "-X", "-A", "--numeric-ids", "-aH", "--delete"]);
    let program = program.args(["--no-whole-file", if pass == Pass::First { "--sparse" } else { "--inplace" }]);
    let program = program.args(["--one-file-system", "--relative"]);
    let limit = settings.number("bwlimit");
    let program = if limit > 0 { program.arg(format!("--bwlimit={limit}")) } else { program };
    let excludes = settings.excludes.iter().chain(&plan.excluded);
    let program = program.args(excludes.map(|pattern| format!("--exclude={pattern}")));
    program.args(plan.included.iter().map(|volume| format!("{from}/.{}", volume.mp()))).arg(to)
}
