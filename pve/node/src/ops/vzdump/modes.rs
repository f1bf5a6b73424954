//! Keeping a guest still while it is packed: stop it, freeze it for a moment, or take a snapshot of its disks.

use std::path::PathBuf;
use std::time::Instant;

use super::archive::{Tree, pack};
use super::guest::Backup;
use super::mounts::{self, Plan};
use super::settings::Settings;
use super::sync::{Pass, sync};
use super::{hook, snapshot};
use crate::containers::{lxc, mount};
use crate::error::Die;
use crate::ops::power;

/// How a guest is kept still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// By snapshots of its disks.
    Snapshot,
    /// By copying it twice, the second time frozen.
    Suspend,
    /// By shutting it down. A guest that does not run is always packed so.
    Stop,
}

impl Mode {
    /// The mode that was asked for.
    pub(super) fn of(settings: &Settings) -> Self {
        match settings.text("mode") {
            Some("stop") => Self::Stop,
            Some("suspend") => Self::Suspend,
            _ => Self::Snapshot,
        }
    }

    /// The word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Suspend => "suspend",
            Self::Stop => "stop",
        }
    }
}

/// A tree that stands still, ready to be packed.
pub(super) struct Source {
    root: PathBuf,
    members: Vec<String>,
    unprivileged: bool,
    mounted: Option<mount::Mounted>,
}

impl Source {
    /// Packs it, and lets its mounts go.
    pub(super) fn pack(self, backup: &Backup<'_>, sink: &std::path::Path) -> Result<(), Die> {
        let tree = Tree { root: &self.root, members: self.members, unprivileged: self.unprivileged };
        pack(backup, &tree, sink)?;
        self.mounted.map_or(Ok(()), mount::Mounted::release)
    }

    /// A guest's mounted volumes.
    pub(super) fn mounted(plan: &Plan, mounted: mount::Mounted) -> Self {
        Self {
            root: mounted.root().to_owned(),
            members: plan.included.iter().map(|volume| format!(".{}", volume.mp())).collect(),
            unprivileged: plan.guest.unprivileged(),
            mounted: Some(mounted),
        }
    }
}

/// Brings the guest to a stand in the mode that is asked for and possible.
pub(super) fn hold_still(backup: &Backup<'_>, running: bool) -> Result<Source, Die> {
    if !running {
        backup.mode.set(Mode::Stop);
    }
    if backup.mode.get() == Mode::Snapshot {
        let planned = plan(backup)?;
        if snapshot::is_possible(backup, &planned)? {
            snapshot::forget_old(backup, &planned)?;
            tell_mode(backup);
            hook::around_guest(backup, "backup-start")?;
            return snapshot::take(backup, &planned);
        }
        backup.log.info("mode failure - some volumes do not support snapshots");
        backup.log.info("trying 'suspend' mode instead");
        backup.mode.set(Mode::Suspend);
    }
    tell_mode(backup);
    let plan = plan(backup)?;
    hook::around_guest(backup, "backup-start")?;
    match backup.mode.get() {
        Mode::Stop => stop(backup, &plan, running),
        Mode::Suspend | Mode::Snapshot => suspend(backup, &plan),
    }
}

fn tell_mode(backup: &Backup<'_>) {
    let settings = backup.job.settings;
    backup.log.info(&format!("backup mode: {}", backup.mode.get().word()));
    if settings.number("bwlimit") > 0 {
        backup.log.info(&format!("bandwidth limit: {} KiB/s", settings.number("bwlimit")));
    }
    backup.log.info(&format!("ionice priority: {}", settings.number("ionice")));
}

/// The guest as it is now, under its lock, and which of its volumes go in.
fn plan(backup: &Backup<'_>) -> Result<Plan, Die> {
    let guest = backup.job.op.node.guests().read(backup.vmid)?;
    if let Some(name) = guest.conf.get("hostname") {
        backup.log.info(&format!("CT Name: {name}"));
    }
    mounts::plan(&guest, &backup.log)
}

fn stop(backup: &Backup<'_>, plan: &Plan, running: bool) -> Result<Source, Die> {
    let op = backup.job.op;
    if running {
        backup.log.info("stopping virtual guest");
        backup.undo.since.set(Some(Instant::now()));
        hook::around_guest(backup, "pre-stop")?;
        backup.undo.stopped.set(true);
        power::shut_down(op, backup.vmid, backup.job.settings.number("stopwait") * 60, false)?;
    }
    // A template's disks cannot be written; any other's may need its journal played back.
    let read_only = plan.guest.conf.flag("template");
    let mounted = mount::mount_guest(op.node, backup.vmid, &plan.guest, read_only)?;
    Ok(Source::mounted(plan, mounted))
}

fn suspend(backup: &Backup<'_>, plan: &Plan) -> Result<Source, Die> {
    let pid = lxc::init_pid(&backup.job.op.node.layout, backup.vmid)
        .ok_or_else(|| Die::text(format!("unable to get PID for CT {} (not running?)", backup.vmid)))?;
    sync(backup, plan, pid, Pass::First)?;
    backup.log.info("suspending guest");
    backup.undo.since.set(Some(Instant::now()));
    hook::around_guest(backup, "pre-stop")?;
    freeze(backup)?;
    sync(backup, plan, pid, Pass::Final)?;
    backup.log.info("resuming guest");
    hook::around_guest(backup, "pre-restart")?;
    resume(backup)?;
    backup.undo.frozen.set(false);
    hook::around_guest(backup, "post-restart")?;
    tell_online(backup);
    // The copy holds the mount points' trees in their places.
    let root = backup.tmpdir.clone();
    Ok(Source { root, members: vec![".".to_owned()], unprivileged: plan.guest.unprivileged(), mounted: None })
}

/// Stops all of the guest's processes where they are.
pub(super) fn freeze(backup: &Backup<'_>) -> Result<(), Die> {
    backup.undo.frozen.set(true);
    lxc::lxc(&backup.job.op.node.layout, "lxc-freeze", backup.vmid).read().map(drop)
}

/// Lets them go on.
pub(super) fn resume(backup: &Backup<'_>) -> Result<(), Die> {
    lxc::lxc(&backup.job.op.node.layout, "lxc-unfreeze", backup.vmid).read().map(drop)
}

/// How long the guest was out of service.
pub(super) fn tell_online(backup: &Backup<'_>) {
    if let Some(since) = backup.undo.since.get() {
        let seconds = since.elapsed().as_secs();
        let told = if seconds < 1 { "<1".to_owned() } else { seconds.to_string() };
        backup.log.info(&format!("guest is online again after {told} seconds"));
    }
}
