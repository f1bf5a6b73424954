//! One guest's backup, from the look at it to the last word about it.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Instant;

use spec::ids::Vmid;

use super::archive::ending;
use super::guest_log::GuestLog;
use super::job::Job;
use super::modes::{self, Mode};
use super::text::{archive_size, base_name, duration, told, unfinished};
use super::{hook, keep, scratch, snapshot};
use crate::containers::lxc;
use crate::error::{Die, chain};
use crate::ops::power;

/// What every step of one guest's backup has at hand.
pub(super) struct Backup<'a> {
    /// The job.
    pub(super) job: &'a Job<'a>,
    /// The guest.
    pub(super) vmid: Vmid,
    /// Its name.
    pub(super) name: String,
    /// Its log.
    pub(super) log: GuestLog<'a>,
    /// How it is kept still; snapshots may turn out to be impossible.
    pub(super) mode: Cell<Mode>,
    /// The finished archive.
    pub(super) archive: PathBuf,
    /// The archive's log.
    pub(super) logfile: PathBuf,
    /// The directory of temporary files.
    pub(super) tmpdir: PathBuf,
    /// What there is to say about that directory.
    remark: Option<String>,
    /// Whether the log was begun: one that was not is not kept.
    begun: Cell<bool>,
    /// What must be undone.
    pub(super) undo: Undo,
}

/// What was done to the guest and must be undone, whatever happens.
#[derive(Default)]
pub(super) struct Undo {
    /// Its lock.
    pub(super) lock: Cell<bool>,
    /// A snapshot of it was taken.
    pub(super) snapshot: Cell<bool>,
    /// It was frozen.
    pub(super) frozen: Cell<bool>,
    /// It was shut down.
    pub(super) stopped: Cell<bool>,
    /// When it went out of service.
    pub(super) since: Cell<Option<Instant>>,
}

/// Backs a guest up and says how it went; whether it succeeded.
pub(super) fn back_up<'a>(job: &'a Job<'a>, vmid: Vmid) -> bool {
    let (op, started) = (job.op, Instant::now());
    let log = GuestLog::begin(op);
    let backup = match prepare(job, vmid) {
        Ok((base, tmpdir, remark)) => Backup {
            job,
            vmid,
            name: op.node.guests().read(vmid).map(|guest| guest.name(vmid)).unwrap_or_default(),
            log,
            mode: Cell::new(Mode::of(job.settings)),
            archive: archive_path(job, &base),
            logfile: job.target.dumpdir.join(format!("{base}.log")),
            tmpdir,
            remark,
            begun: Cell::new(false),
            undo: Undo::default(),
        },
        Err(error) => {
            log.error(&format!("Backup of VM {vmid} failed - {}", chain(&error)));
            op.info(&format!("Failed at {}", told(&jiff::Zoned::now())));
            return false;
        }
    };
    let result = keep::admit(&backup).and_then(|()| run(&backup));
    clean_up(&backup);
    tell(&backup, &result, started);
    result.is_ok()
}

/// Whether there is such a guest, its backup's name, and a place for temporary files.
fn prepare(job: &Job<'_>, vmid: Vmid) -> Result<(String, PathBuf, Option<String>), Die> {
    if !job.op.node.guests().exists(vmid) {
        return Err(Die::text(format!("unable to find VM '{vmid}'")));
    }
    let base = base_name(vmid, &jiff::Zoned::now());
    let (tmpdir, remark) = scratch::place(&job.target.dumpdir, job.settings.text("tmpdir"), &base, vmid)?;
    Ok((base, tmpdir, remark))
}

fn archive_path(job: &Job<'_>, base: &str) -> PathBuf {
    let compress = job.settings.text("compress").unwrap_or("0");
    job.target.dumpdir.join(format!("{base}{}", ending(compress)))
}

fn run(backup: &Backup<'_>) -> Result<(), Die> {
    let (log, node) = (&backup.log, backup.job.op.node);
    if let Some(remark) = &backup.remark {
        log.aside(&format!("INFO: {remark}"));
    }
    scratch::make(&backup.tmpdir)?;
    backup.begun.set(true);
    log.info(&format!("Starting Backup of VM {} (lxc)", backup.vmid));
    log.aside(&format!("INFO: Backup started at {}", told(&jiff::Zoned::now())));
    let running = lxc::is_running(&node.layout, backup.vmid);
    log.info(&format!("status = {}", if running { "running" } else { "stopped" }));
    set_lock(backup, true)?;
    backup.undo.lock.set(true);
    let source = modes::hold_still(backup, running)?;
    scratch::assemble(node, backup.vmid, &backup.tmpdir)?;
    if let Some(stdout) = &backup.job.settings.stdout {
        log.info("sending archive to stdout");
        source.pack(backup, stdout)?;
        return hook::around_guest(backup, "backup-end");
    }
    log.info(&format!("creating vzdump archive '{}'", backup.archive.display()));
    let half = unfinished(&backup.archive);
    if let Some(storage) = &backup.job.target.storage {
        node.storages().refuse_full(storage)?;
    }
    source.pack(backup, &half)?;
    fs::rename(&half, &backup.archive)
        .map_err(|_| Die::text(format!("unable to rename '{}' to '{}'", half.display(), backup.archive.display())))?;
    let size = fs::metadata(&backup.archive).map_or(0, |stat| stat.size());
    log.info(&format!("archive file size: {}", archive_size(size)));
    keep::finish(backup)?;
    keep::prune(backup)?;
    hook::around_guest(backup, "backup-end")
}

/// Marks the configuration, or takes the mark back. The lock file is held only meanwhile: others are to read `CT is
/// locked (backup)` at once.
pub(super) fn set_lock(backup: &Backup<'_>, locked: bool) -> Result<(), Die> {
    let (op, vmid) = (backup.job.op, backup.vmid);
    let _held = op.lock(vmid)?;
    let guest = op.node.guests().read(vmid)?;
    let mut conf = guest.conf.clone();
    if locked {
        guest.refuse_locked(&[])?;
        conf.set("lock", "backup").map_err(|error| Die::text(error.to_string()))?;
    } else {
        guest.refuse_locked(&["backup"])?;
        conf.remove("lock");
    }
    op.node.guests().write(vmid, &conf)
}

/// What goes wrong here is told, and the rest is undone all the same.
fn clean_up(backup: &Backup<'_>) {
    let aside = |result: Result<(), Die>| {
        if let Err(error) = result {
            backup.log.aside(&chain(&error));
        }
    };
    if backup.undo.lock.take() {
        aside(set_lock(backup, false));
    }
    if backup.undo.snapshot.take() {
        snapshot::remove(backup);
    }
    let back = if backup.undo.frozen.take() {
        Some(("resume vm", modes::resume as fn(&Backup<'_>) -> Result<(), Die>))
    } else if backup.undo.stopped.take() && !lxc::is_running(&backup.job.op.node.layout, backup.vmid) {
        Some(("restarting vm", restart as fn(&Backup<'_>) -> Result<(), Die>))
    } else {
        None
    };
    if let Some((told, action)) = back {
        let steps = || {
            hook::around_guest(backup, "pre-restart")?;
            backup.log.info(told);
            action(backup)?;
            hook::around_guest(backup, "post-restart")
        };
        let result = steps();
        if result.is_ok() {
            modes::tell_online(backup);
        }
        aside(result);
    }
    let _ = fs::remove_file(unfinished(&backup.archive));
    let _ = fs::remove_dir_all(&backup.tmpdir);
}

fn restart(backup: &Backup<'_>) -> Result<(), Die> {
    let (op, vmid) = (backup.job.op, backup.vmid);
    let _held = op.lock(vmid)?;
    power::start_locked(op, vmid)
}

fn tell(backup: &Backup<'_>, result: &Result<(), Die>, started: Instant) {
    let log = &backup.log;
    let now = told(&jiff::Zoned::now());
    match result {
        Ok(()) => {
            let took = duration(started.elapsed().as_secs());
            log.info(&format!("Finished Backup of VM {} ({took})", backup.vmid));
            log.aside(&format!("INFO: Backup finished at {now}"));
        }
        Err(error) => {
            log.error(&format!("Backup of VM {} failed - {}", backup.vmid, chain(error)));
            log.aside(&format!("INFO: Failed at {now}"));
        }
    }
    if backup.begun.get() {
        log.keep(&backup.logfile);
    }
    if let Err(error) = hook::around_guest(backup, "log-end") {
        log.aside(&format!("ERROR: {}", chain(&error)));
    }
}
