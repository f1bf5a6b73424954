//! Backing guests up.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use spec::ids::Vmid;
use spec::pct::{MountPoint, MountSource, PctConf, SectionName};

use super::archive::COMMON;
use super::vzdump_text::{NoteFacts, archive_size, base_name, duration, ending, excludes, notes, unfinished};
use super::{Op, power};
use crate::api::{ParamErrors, Params};
use crate::containers::{idmap::as_guest_root, lxc, mount};
use crate::error::{Die, chain};
use crate::exec::Program;
use crate::state::{GuestFile, StorageConfig, locks};

/// What is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VzdumpRequest {
    /// The guests.
    pub vmids: Vec<Vmid>,
    /// The storage that takes the archives.
    pub storage: String,
    /// `snapshot`, `suspend` or `stop`.
    pub mode: String,
    /// `0`, `gzip` or `zstd`.
    pub compress: String,
    /// zstd's threads; 0: half the cores.
    pub threads: u64,
    /// A template for the archive's notes.
    pub notes_template: Option<String>,
    /// Whether the archive is kept from removal.
    pub protected: bool,
    /// Whether temporary files are left out.
    pub stdexcludes: bool,
    /// Further patterns to leave out.
    pub exclude: Vec<String>,
    /// The call as a person would type it, for the log.
    pub shown: String,
}

impl VzdumpRequest {
    /// What checked parameters ask for.
    pub fn of(vmids: Vec<Vmid>, params: &Params, shown: &str) -> Result<Self, ParamErrors> {
        let compress = params.owned("compress").unwrap_or_else(|| "0".to_owned());
        if matches!(compress.as_str(), "1" | "lzo") {
            return Err(ParamErrors::from([(
                "compress".to_owned(),
                "lzo is not available on this node: use zstd".to_owned(),
            )]));
        }
        Ok(Self {
            vmids,
            storage: params.owned("storage").unwrap_or_else(|| "local".to_owned()),
            mode: params.owned("mode").unwrap_or_else(|| "snapshot".to_owned()),
            compress,
            threads: params.number("zstd").unwrap_or(1),
            notes_template: params.owned("notes-template"),
            protected: params.flag("protected"),
            stdexcludes: params.optional_flag("stdexcludes").unwrap_or(true),
            exclude: params
                .get("exclude-path")
                .map(|text| text.split(['\0', ',']).map(str::to_owned).collect())
                .unwrap_or_default(),
            shown: shown.to_owned(),
        })
    }
}

/// How long a guest may take to shut down, seconds (`stopwait`, 10 minutes).
const STOPWAIT: u64 = 600;

/// The work: one guest after the other; a failed one fails the task, not the others.
pub(super) fn run(op: &Op<'_>, request: &VzdumpRequest) -> Result<(), Die> {
    let storage = op.node.storages().get(&request.storage).map_err(|error| {
        let why = chain(&error);
        Die::text(format!(
            "could not activate storage '{0}': {why} could not get storage information for '{0}': {why}",
            request.storage
        ))
    })?;
    let patience = Duration::from_hours(3);
    let _lock = locks::acquire(&op.node.layout.vzdump_lock(), patience, &|_| ())?;
    info(op, &format!("starting new backup job: vzdump {}", request.shown));
    let mut failed = false;
    for vmid in &request.vmids {
        if let Err(error) = back_up(op, request, storage, *vmid) {
            op.line(&format!("ERROR: Backup of VM {vmid} failed - {}", chain(&error)));
            info(op, &format!("Failed at {}", now()));
            failed = true;
        }
    }
    if failed {
        info(op, "Backup job finished with errors");
        return Err(Die::text("job errors"));
    }
    info(op, "Backup job finished successfully");
    Ok(())
}

fn info(op: &Op<'_>, text: &str) {
    op.line(&format!("INFO: {text}"));
}

fn now() -> String {
    jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn back_up(op: &Op<'_>, request: &VzdumpRequest, storage: &StorageConfig, vmid: Vmid) -> Result<(), Die> {
    if !op.node.guests().exists(vmid) {
        return Err(Die::text(format!("unable to find VM '{vmid}'")));
    }
    op.principal()?
        .require(&format!("/vms/{vmid}"), "VM.Backup")
        .map_err(|error| Die::text(format!("403 {}", error.text)))?;
    let started = Instant::now();
    info(op, &format!("Starting Backup of VM {vmid} (lxc)"));
    info(op, &format!("Backup started at {}", now()));
    let _lock = op.lock(vmid)?;
    let guest = op.unlocked(vmid, &[])?;
    let running = lxc::is_running(&op.node.layout, vmid);
    info(op, &format!("status = {}", if running { "running" } else { "stopped" }));
    if running && request.mode != "stop" {
        // A tree that is being written cannot be packed consistently; without snapshots only stopping it can.
        info(op, "mode failure - some volumes do not support snapshots");
        return Err(Die::text(format!(
            "mode '{}' of a running guest is not supported here: use mode stop",
            request.mode
        )));
    }
    info(op, "backup mode: stop");
    info(op, "ionice priority: 7");
    info(op, &format!("CT Name: {}", guest.name(vmid)));
    let included = included_mounts(op, &guest)?;
    set_lock(op, vmid, Some("backup"))?;
    let result = stopped_backup(op, request, storage, vmid, &guest, &included, running);
    set_lock(op, vmid, None)?;
    result?;
    info(op, &format!("Finished Backup of VM {vmid} ({})", duration(started.elapsed().as_secs())));
    info(op, &format!("Backup finished at {}", now()));
    Ok(())
}

/// The mount points besides the root file system that go into the archive; each decision is told.
fn included_mounts(op: &Op<'_>, guest: &GuestFile) -> Result<Vec<MountPoint>, Die> {
    let mut included = Vec::new();
    for (key, volume) in mount::volumes(guest)? {
        let mp = volume.mp().to_owned();
        if key == "rootfs" || (volume.source() == MountSource::Volume && volume.backup()) {
            info(op, &format!("including mount point {key} ('{mp}') in backup"));
            included.extend((key != "rootfs").then_some(volume));
        } else {
            let (kind, why) = match volume.source() {
                MountSource::Volume => ("volume", "disabled"),
                MountSource::Bind => ("bind", "not a volume"),
                MountSource::Device => ("device", "not a volume"),
            };
            info(op, &format!("excluding {kind} mount point {key} ('{mp}') from backup ({why})"));
        }
    }
    Ok(included)
}

fn set_lock(op: &Op<'_>, vmid: Vmid, lock: Option<&str>) -> Result<(), Die> {
    let mut conf = op.node.guests().read(vmid)?.conf;
    match lock {
        Some(lock) => conf.set("lock", lock).map_err(|error| Die::text(error.to_string()))?,
        None => drop(conf.remove("lock")),
    }
    op.node.guests().write(vmid, &conf)
}

fn stopped_backup(
    op: &Op<'_>,
    request: &VzdumpRequest,
    storage: &StorageConfig,
    vmid: Vmid,
    guest: &GuestFile,
    included: &[MountPoint],
    running: bool,
) -> Result<(), Die> {
    if running {
        info(op, "stopping virtual guest");
        power::shut_down(op, vmid, STOPWAIT, false)?;
    }
    let packed = pack(op, request, storage, vmid, guest, included);
    if running {
        info(op, "restarting vm");
        let started = Instant::now();
        power::start_locked(op, vmid)?;
        info(op, &format!("guest is online again after {} seconds", started.elapsed().as_secs()));
    }
    packed
}

fn pack(
    op: &Op<'_>,
    request: &VzdumpRequest,
    storage: &StorageConfig,
    vmid: Vmid,
    guest: &GuestFile,
    included: &[MountPoint],
) -> Result<(), Die> {
    let base = base_name(vmid, &jiff::Zoned::now());
    let dump = op.node.storages().path(storage).join("dump");
    let target = dump.join(format!("{base}{}", ending(&request.compress)));
    info(op, &format!("creating vzdump archive '{}'", target.display()));
    let scratch = Scratch::make(dump.join(format!("{base}.tmp")), guest)?;
    let unfinished = unfinished(&target);
    let written = write_archive(op, request, vmid, guest, included, scratch.path(), &unfinished);
    let written = written.and_then(|()| fs::rename(&unfinished, &target).map_err(Die::io("rename", &unfinished)));
    written.inspect_err(|_| {
        let _ = fs::remove_file(&unfinished);
    })?;
    let size = fs::metadata(&target).map_err(Die::io("stat", &target))?.size();
    info(op, &format!("archive file size: {}", archive_size(size)));
    finish(op, request, vmid, guest, &target)
}

/// The directory with the archive's own members, gone when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn make(path: PathBuf, guest: &GuestFile) -> Result<Self, Die> {
        let inner = path.join("etc/vzdump");
        fs::create_dir_all(&inner).map_err(Die::io("create", &inner))?;
        let made = Self(path);
        let files = [("pct.conf", archived(&guest.conf)), ("pct.fw", String::new())];
        for (name, text) in files {
            let file = inner.join(name);
            fs::write(&file, text).map_err(Die::io("write", &file))?;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).map_err(Die::io("chmod", &file))?;
        }
        Ok(made)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The configuration as it goes into an archive: what belongs to this guest's life on this node stays behind.
fn archived(conf: &PctConf) -> String {
    let mut conf = conf.clone();
    conf.remove("lock");
    conf.remove("parent");
    conf.remove_section(&SectionName::Pending);
    let names: Vec<String> = conf.snapshots().keys().map(|name| (*name).to_owned()).collect();
    names.into_iter().for_each(|name| drop(conf.remove_section(&SectionName::Snapshot(name))));
    conf.canonical()
}

fn write_archive(
    op: &Op<'_>,
    request: &VzdumpRequest,
    vmid: Vmid,
    guest: &GuestFile,
    included: &[MountPoint],
    scratch: &Path,
    target: &Path,
) -> Result<(), Die> {
    let mounted = mount::mount_guest(op.node, vmid, guest, true)?;
    let sink = File::create(target).map_err(Die::io("create", target))?;
    let tar = tar_command(request, guest.unprivileged(), included, scratch, mounted.root());
    let line = |text: &str| info(op, text);
    match request.compress.as_str() {
        "zstd" => {
            let threads = if request.threads == 0 { half_the_cores() } else { request.threads };
            tar.pipe(Program::new("zstd").args(["-q", "-c", &format!("--threads={threads}")]), sink, &line)?;
        }
        "gzip" => tar.pipe(Program::new("gzip").arg("--rsyncable"), sink, &line)?,
        _ => tar.pipe(Program::new("cat"), sink, &line)?,
    }
    mounted.release()
}

fn half_the_cores() -> u64 {
    std::thread::available_parallelism().map_or(1, |cores| (cores.get() as u64).div_ceil(2))
}

fn tar_command(
    request: &VzdumpRequest,
    unprivileged: bool,
    included: &[MountPoint],
    scratch: &Path,
    root: &Path,
) -> Program {
    let (anywhere, anchored) = excludes(request.stdexcludes, &request.exclude);
    let directory = |path: &Path| format!("--directory={}", path.display());
    let program = as_guest_root(unprivileged, "tar").args(["cpf", "-", "--totals"]).args(COMMON);
    let program = program.arg(directory(scratch)).args(["./etc/vzdump/pct.conf", "./etc/vzdump/pct.fw"]);
    let program = program.arg(directory(root)).arg("--no-anchored");
    let program = if unprivileged { program.arg("--exclude=lost+found") } else { program };
    let program = program.args(anywhere.iter().map(|pattern| format!("--exclude={pattern}"))).arg("--anchored");
    let program = program.args(anchored.iter().map(|pattern| format!("--exclude=.{pattern}"))).arg("./");
    program.args(included.iter().map(|volume| format!(".{}", volume.mp())))
}

fn finish(op: &Op<'_>, request: &VzdumpRequest, vmid: Vmid, guest: &GuestFile, target: &Path) -> Result<(), Die> {
    let volid = format!("{}:backup/{}", request.storage, target.file_name().unwrap_or_default().to_string_lossy());
    let volid = volid.parse().map_err(|error: spec::ids::InvalidId| Die::text(error.to_string()))?;
    let file = op.node.storages().file(&volid)?;
    if let Some(template) = &request.notes_template {
        info(op, "adding notes to backup");
        let name = guest.name(vmid);
        let facts = NoteFacts { guestname: &name, node: op.node.name(), vmid: vmid.to_string() };
        fs::write(file.notes(), notes(template, &facts)).map_err(Die::io("write", file.notes()))?;
    }
    if request.protected {
        info(op, "marking backup as protected");
        fs::write(file.protection(), "").map_err(Die::io("write", file.protection()))?;
    }
    Ok(())
}
