//! Making a guest from a template or a backup.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use spec::ids::{Vmid, Volid};
use spec::pct::{MountSource, PctConf};

use super::archive::{conf_of, unpack};
use super::merge::{Merge, merge};
use super::plan::{self, Planned};
use super::{Job, Op};
use crate::containers::{image, lxc, mount};
use crate::error::Die;
use crate::setup::{Around, NewGuest, Setup, rooted::Root};
use crate::state::{GuestFile, Node, VolumeFile, locks};
use crate::tasks::{self, TaskRequest};

/// What a create or restore is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "these are the call's own parameters, each a switch of its own")]
pub struct NewGuestRequest {
    /// The guest to be.
    pub vmid: Vmid,
    /// The template or backup: a volume id, or, for root, a path.
    pub ostemplate: String,
    /// Whether it is a backup.
    pub restore: bool,
    /// Whether archived NICs get new addresses.
    pub unique: bool,
    /// Whether an existing guest is replaced.
    pub force: bool,
    /// Where volumes go for which no storage is named.
    pub storage: String,
    /// Whether a failure to unpack is overlooked.
    pub ignore_unpack_errors: bool,
    /// Whether the guest is started afterwards, by a task of its own.
    pub start: bool,
    /// Root's password (create only).
    pub password: Option<String>,
    /// Root's authorized keys (create only).
    pub ssh_keys: Option<String>,
    /// Configuration keys.
    pub config: BTreeMap<String, String>,
}

impl NewGuestRequest {
    fn verb(&self) -> &'static str {
        if self.restore { "restore" } else { "create" }
    }

    /// Whether the guest's root is to be an ordinary user, where the caller says.
    pub fn unprivileged(&self) -> Option<bool> {
        self.config.get("unprivileged").map(|value| value == "1")
    }

    fn aborted(&self, why: Die) -> Die {
        Die::Aborted { verb: self.verb(), vmid: self.vmid, why: Box::new(why) }
    }
}

/// Looks whether the guest can be made, and reserves its number: its configuration is then exactly `lock: create`.
pub fn admit(node: &Node, request: &NewGuestRequest) -> Result<(), Die> {
    let vmid = request.vmid;
    let exists = node.guests().exists(vmid);
    if exists && !(request.restore && request.force) {
        return Err(Die::Exists { node: node.name().to_owned(), vmid });
    }
    if exists {
        if lxc::is_running(&node.layout, vmid) {
            return Err(Die::text("can't overwrite running container"));
        }
        let guest = node.guests().read(vmid)?;
        guest.refuse_locked(&[])?;
        if guest.conf.flag("protection") {
            return Err(Die::text(format!("unable to restore CT {vmid} - CT {vmid} is protected")));
        }
        return Ok(());
    }
    plan::from_params(&request.config, &request.storage)?;
    for planned in plan::from_params(&request.config, &request.storage)?.unwrap_or_default() {
        if let Some((storage, _)) = planned.volume {
            node.storages().get(storage.as_str())?;
        }
    }
    let _lock =
        locks::acquire(&node.layout.lock(vmid), locks::CREATE_PATIENCE, &|_| ()).map_err(|e| request.aborted(e))?;
    if node.guests().exists(vmid) {
        return Err(request.aborted(Die::Exists { node: node.name().to_owned(), vmid }));
    }
    node.guests().write(vmid, &PctConf::parse("lock: create\n"))
}

/// The work. Whatever was made is taken back when it fails.
pub(super) fn run(op: &Op<'_>, request: &NewGuestRequest) -> Result<(), Die> {
    let vmid = request.vmid;
    let lock = op.lock(vmid).map_err(|error| request.aborted(error))?;
    if lxc::is_running(&op.node.layout, vmid) {
        return Err(request.aborted(Die::text("can't overwrite running container")));
    }
    let mut made = Vec::new();
    if let Err(error) = build(op, request, &mut made) {
        take_back(op, vmid, &made);
        return Err(request.aborted(error));
    }
    drop(lock);
    if request.start {
        let start =
            TaskRequest { job: Job::Start { vmid }, auth_id: op.auth_id.to_owned(), faults: op.node.faults.is_on() };
        tasks::start(op.node, &start)?;
    }
    Ok(())
}

fn take_back(op: &Op<'_>, vmid: Vmid, made: &[VolumeFile]) {
    for file in made {
        if let Err(error) = op.node.storages().free(file) {
            op.line(&format!("unable to free volume '{}' - {}", file.volid, crate::error::chain(&error)));
        }
    }
    if let Err(error) = op.node.guests().remove(vmid) {
        op.line(&crate::error::chain(&error));
    }
}

fn build(op: &Op<'_>, request: &NewGuestRequest, made: &mut Vec<VolumeFile>) -> Result<(), Die> {
    let old = op.node.guests().read(request.vmid)?;
    let archive = source(op, request)?;
    let archived = archived_conf(op, request, &archive)?;
    let unprivileged = decide_privilege(op, request, archived.as_ref())?;
    let plan = plan_volumes(op, request, archived.as_ref())?;
    let volumes = allocate(op, request.vmid, plan, unprivileged, made)?;
    replace_old(op, request, &old)?;
    let values: Vec<(String, String)> =
        volumes.iter().map(|planned| (planned.key.clone(), planned.mount.to_string())).collect();
    let scratch = scratch_guest(&values, unprivileged);
    let mounted = mount::mount_guest(op.node, request.vmid, &scratch, false)?;
    own_volumes(op, request.vmid, &volumes, unprivileged)?;
    if request.restore {
        op.line(&format!("restoring '{}' now..", request.ostemplate));
    }
    unpack(&archive, mounted.root(), unprivileged, request.ignore_unpack_errors, op.log)?;
    let mut conf = finished_conf(op, request, archived.as_ref(), &values, unprivileged)?;
    let setup = Setup::open(mounted.root(), &conf, &Around::of(op.node), op.log)?;
    setup.settle(&mut conf)?;
    if request.restore {
        Root::open(mounted.root(), 0)?.remove("/etc/vzdump/pct.conf")?;
        setup.after_restore()?;
    } else {
        setup
            .after_create(NewGuest { password: request.password.as_deref(), ssh_keys: request.ssh_keys.as_deref() })?;
    }
    // An open tree would keep the file system busy.
    drop(setup);
    mounted.release()?;
    op.node.guests().write(request.vmid, &conf)
}

/// The archive's file: a volume of the right content, or, for root alone, a path.
fn source(op: &Op<'_>, request: &NewGuestRequest) -> Result<PathBuf, Die> {
    if request.ostemplate.starts_with('/') {
        return Ok(PathBuf::from(&request.ostemplate));
    }
    let volid: Volid = request
        .ostemplate
        .parse()
        .map_err(|_| Die::text(format!("unable to parse volume ID '{}'", request.ostemplate)))?;
    let file = op.node.storages().file(&volid)?;
    file.must_exist()?;
    Ok(file.path)
}

fn archived_conf(op: &Op<'_>, request: &NewGuestRequest, archive: &std::path::Path) -> Result<Option<PctConf>, Die> {
    if !request.restore {
        return Ok(None);
    }
    op.line(&format!("recovering backed-up configuration from '{}'", request.ostemplate));
    let conf = PctConf::parse(&conf_of(archive)?);
    for warning in conf.warnings() {
        op.line(&format!("vm {} - {warning}", request.vmid));
    }
    Ok(Some(conf))
}

/// Who wants a privileged guest must be allowed to change the system.
fn decide_privilege(op: &Op<'_>, request: &NewGuestRequest, archived: Option<&PctConf>) -> Result<bool, Die> {
    let unprivileged = request.unprivileged().unwrap_or_else(|| archived.is_none_or(|conf| conf.flag("unprivileged")));
    if !unprivileged {
        op.principal()?.require("/", "Sys.Modify").map_err(|error| Die::text(format!("403 {}", error.text)))?;
    }
    Ok(unprivileged)
}

fn plan_volumes(op: &Op<'_>, request: &NewGuestRequest, archived: Option<&PctConf>) -> Result<Vec<Planned>, Die> {
    match (plan::from_params(&request.config, &request.storage)?, archived) {
        (Some(plan), _) => Ok(plan),
        (None, Some(conf)) => plan::from_archive(conf, &request.storage, op.principal()?.is_root()),
        (None, None) => plan::default_plan(&request.storage),
    }
}

/// Makes the planned volumes and writes their ids into the plan.
fn allocate(
    op: &Op<'_>,
    vmid: Vmid,
    plan: Vec<Planned>,
    unprivileged: bool,
    made: &mut Vec<VolumeFile>,
) -> Result<Vec<Planned>, Die> {
    let storages = op.node.storages();
    let mut volumes = Vec::new();
    for mut planned in plan {
        if let Some((storage, size)) = &planned.volume {
            let file = storages.next_disk(&storages.usable(storage.as_str())?, vmid)?;
            image::make(&file, size.bytes(), unprivileged, op.log)?;
            planned.mount.set_volume(&file.volid.to_string()).map_err(|error| Die::text(error.pve_text()))?;
            planned.mount.set_size(*size);
            made.push(file);
        }
        volumes.push(planned);
    }
    Ok(volumes)
}

/// The volumes of a guest that is replaced go only now, when the new ones are there.
fn replace_old(op: &Op<'_>, request: &NewGuestRequest, old: &GuestFile) -> Result<(), Die> {
    if old.conf.get("lock") == Some("create") {
        return Ok(());
    }
    super::destroy::free_volumes(op, request.vmid, &old.conf)?;
    op.node.guests().write(request.vmid, &PctConf::parse("lock: create\n"))
}

/// A configuration with volumes only: enough to mount them.
fn scratch_guest(volumes: &[(String, String)], unprivileged: bool) -> GuestFile {
    let mut lines: Vec<String> = volumes.iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
    lines.push(format!("unprivileged: {}\n", u8::from(unprivileged)));
    let conf = PctConf::parse(&lines.concat());
    GuestFile { conf, digest: String::new() }
}

fn own_volumes(op: &Op<'_>, vmid: Vmid, volumes: &[Planned], unprivileged: bool) -> Result<(), Die> {
    let root = op.node.layout.rootfs(vmid);
    for planned in volumes.iter().filter(|planned| planned.mount.source() == MountSource::Volume) {
        let path = Root::open(&root, 0)?.resolve(planned.mount.mp())?;
        mount::own(&path, unprivileged)?;
    }
    Ok(())
}

fn finished_conf(
    op: &Op<'_>,
    request: &NewGuestRequest,
    archived: Option<&PctConf>,
    volumes: &[(String, String)],
    unprivileged: bool,
) -> Result<PctConf, Die> {
    if request.restore {
        op.line("merging backed-up and given configuration..");
    }
    let parts = Merge {
        vmid: request.vmid,
        given: &request.config,
        archived,
        volumes,
        unprivileged,
        unique: request.unique,
        is_root: op.principal()?.is_root(),
    };
    let (mut conf, warnings) = merge(&parts)?;
    for warning in &warnings {
        op.log.warn(warning);
    }
    if archived.is_some_and(|archived| archived.flag("template")) {
        super::template::convert(op, request.vmid, &mut conf)?;
    }
    Ok(conf)
}

/// Removes what a killed worker left at a guest's mount directory on the host: nothing is mounted there any more.
pub(super) fn forget_mount_directory(node: &Node, vmid: Vmid) {
    let root = node.layout.rootfs(vmid);
    let _ = fs::remove_dir(&root);
    if let Some(parent) = root.parent() {
        let _ = fs::remove_dir(parent);
    }
}
