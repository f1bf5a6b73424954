//! Backing guests up.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use spec::ids::Vmid;
use spec::pct::{MountPoint, MountSource};

use super::pack::pack;
use super::vzdump_text::duration;
use super::{Op, power};
use crate::containers::{lxc, mount};
use crate::error::{Die, chain};
use crate::state::{GuestFile, StorageConfig, locks};
use pve_wire::api::{ParamErrors, Params};

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
        if params.get("notes-template").is_some() && params.get("storage").is_none() {
            let why = "missing property required by 'notes-template'";
            return Err(ParamErrors::from([("storage".to_owned(), why.to_owned())]));
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
    op.info(&format!("starting new backup job: vzdump {}", request.shown));
    let mut failed = false;
    for vmid in &request.vmids {
        if let Err(error) = back_up(op, request, &storage, *vmid) {
            op.line(&format!("ERROR: Backup of VM {vmid} failed - {}", chain(&error)));
            op.info(&format!("Failed at {}", now()));
            failed = true;
        }
    }
    if failed {
        op.info("Backup job finished with errors");
        return Err(Die::text("job errors"));
    }
    op.info("Backup job finished successfully");
    Ok(())
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
    op.info(&format!("Starting Backup of VM {vmid} (lxc)"));
    op.info(&format!("Backup started at {}", now()));
    let _lock = op.lock(vmid)?;
    let guest = op.unlocked(vmid, &[])?;
    let running = lxc::is_running(&op.node.layout, vmid);
    op.info(&format!("status = {}", if running { "running" } else { "stopped" }));
    if running && request.mode != "stop" {
        // A tree that is being written cannot be packed consistently; without snapshots only stopping it can.
        op.info("mode failure - some volumes do not support snapshots");
        return Err(Die::text(format!(
            "mode '{}' of a running guest is not supported here: use mode stop",
            request.mode
        )));
    }
    op.info("backup mode: stop");
    op.info("ionice priority: 7");
    op.info(&format!("CT Name: {}", guest.name(vmid)));
    let included = included_mounts(op, &guest)?;
    set_lock(op, vmid, Some("backup"))?;
    let result = stopped_backup(op, request, storage, vmid, &guest, &included, running);
    set_lock(op, vmid, None)?;
    result?;
    op.info(&format!("Finished Backup of VM {vmid} ({})", duration(started.elapsed().as_secs())));
    op.info(&format!("Backup finished at {}", now()));
    Ok(())
}

/// The mount points besides the root file system that go into the archive; each decision is told.
fn included_mounts(op: &Op<'_>, guest: &GuestFile) -> Result<Vec<MountPoint>, Die> {
    let mut included = Vec::new();
    for (key, volume) in mount::volumes(guest)? {
        let mp = volume.mp().to_owned();
        if key == "rootfs" || (volume.source() == MountSource::Volume && volume.backup()) {
            op.info(&format!("including mount point {key} ('{mp}') in backup"));
            included.extend((key != "rootfs").then_some(volume));
        } else {
            let (kind, why) = match volume.source() {
                MountSource::Volume => ("volume", "disabled"),
                MountSource::Bind => ("bind", "not a volume"),
                MountSource::Device => ("device", "not a volume"),
            };
            op.info(&format!("excluding {kind} mount point {key} ('{mp}') from backup ({why})"));
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
        op.info("stopping virtual guest");
        power::shut_down(op, vmid, STOPWAIT, false)?;
    }
    let packed = pack(op, request, storage, vmid, guest, included);
    if running {
        op.info("restarting vm");
        let started = Instant::now();
        power::start_locked(op, vmid)?;
        op.info(&format!("guest is online again after {} seconds", started.elapsed().as_secs()));
    }
    packed
}
