//! Storages and their content.

use std::fs;

use pve_wire::VolumeInfo;
use spec::ids::Volid;

use crate::api::{Answer, ApiError, Call};
use crate::error::Die;
use crate::ops::Job;
use crate::state::{BackupName, StorageConfig, VolumeFile, VolumeKind, VolumeRow};

const READ: &[&str] = &["Datastore.Audit", "Datastore.AllocateSpace"];

fn path_of(id: &str) -> String {
    format!("/storage/{id}")
}

fn readable(call: &Call, id: &str) -> bool {
    READ.iter().any(|privilege| call.who.has(&path_of(id), privilege))
}

fn known(call: &Call, id: &str) -> Result<StorageConfig, ApiError> {
    call.node.storages().get(id).map_err(|_| ApiError::parameter("storage", "No such storage."))
}

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let params = &call.params;
    let wanted = |storage: &&StorageConfig| {
        readable(call, storage.id.as_str())
            && params.get("storage").is_none_or(|id| storage.id.as_str() == id)
            && params.get("content").is_none_or(|content| storage.holds(content))
    };
    let storages = call.node.storages();
    let rows: Vec<_> = storages.all().iter().filter(wanted).map(|storage| storages.status(storage)).collect();
    Answer::of(&rows)
}

pub(super) fn status(call: &Call) -> Result<Answer, ApiError> {
    let mut row = call.node.storages().status(&known(call, call.text("storage"))?);
    row.storage = String::new();
    Answer::of(&row)
}

pub(super) fn content(call: &Call) -> Result<Answer, ApiError> {
    let (id, params) = (call.text("storage"), &call.params);
    let storage = known(call, id)?;
    let rows = call.node.storages().content(&storage, params.get("content"), params.vmid("vmid"));
    let rows: Vec<VolumeRow> = rows.into_iter().filter(|row| may_read(call, id, row)).collect();
    Answer::of(&rows)
}

/// Backups are shown to who may back up their guest, or allocate on the storage.
fn may_read(call: &Call, id: &str, row: &VolumeRow) -> bool {
    row.content != "backup"
        || call.who.has(&path_of(id), "Datastore.Allocate")
        || row.vmid.is_some_and(|vmid| call.who.has(&format!("/vms/{vmid}"), "VM.Backup"))
}

/// A volume named by its id or by its name on the storage.
fn file(call: &Call) -> Result<VolumeFile, ApiError> {
    let (id, name) = (call.text("storage"), call.text("volume"));
    let text = if name.contains(':') { name.to_owned() } else { format!("{id}:{name}") };
    let volid: Volid = text.parse().map_err(|_| ApiError::new(500, format!("unable to parse volume ID '{text}'")))?;
    if volid.storage.as_str() != id {
        return Err(ApiError::parameter("storage", &format!("storage '{id}' does not match volume '{volid}'")));
    }
    Ok(call.node.storages().file(&volid)?)
}

/// Who may change or remove a volume: who may allocate on the storage, or, for a backup, back up its guest there.
fn require_change(call: &Call, id: &str, file: &VolumeFile) -> Result<(), ApiError> {
    if call.who.has(&path_of(id), "Datastore.Allocate") {
        return Ok(());
    }
    match BackupName::of(file.volid.file_name()).owner.filter(|_| file.kind == VolumeKind::Backup) {
        Some(owner) => {
            call.who.require(&path_of(id), "Datastore.AllocateSpace")?;
            call.who.require(&format!("/vms/{owner}"), "VM.Backup")
        }
        None => call.who.require(&path_of(id), "Datastore.Allocate"),
    }
}

pub(super) fn volume(call: &Call) -> Result<Answer, ApiError> {
    let id = call.text("storage");
    let file = file(call)?;
    file.must_exist()?;
    let row = call.node.storages().row(&file.volid).ok_or_else(|| Die::NoVolume { volid: file.volid.to_string() })?;
    if !may_read(call, id, &row) {
        return Err(ApiError::forbidden_somehow());
    }
    Answer::of(&VolumeInfo {
        path: file.path.display().to_string(),
        size: row.size,
        used: row.size,
        format: row.format,
        notes: fs::read_to_string(file.notes()).ok(),
        protected: row.protected.is_some(),
    })
}

pub(super) fn change(call: &Call) -> Result<Answer, ApiError> {
    let (id, params) = (call.text("storage"), &call.params);
    let file = file(call)?;
    require_change(call, id, &file)?;
    file.must_exist()?;
    let write = |path: std::path::PathBuf, text: &str| fs::write(&path, text).map_err(Die::io("write", &path));
    match params.get("notes") {
        Some("") => drop(fs::remove_file(file.notes())),
        Some(notes) => write(file.notes(), notes)?,
        None => (),
    }
    match params.optional_flag("protected") {
        Some(true) => write(file.protection(), "")?,
        Some(false) => drop(fs::remove_file(file.protection())),
        None => (),
    }
    Ok(Answer::null())
}

pub(super) fn free(call: &Call) -> Result<Answer, ApiError> {
    let id = call.text("storage");
    let file = file(call)?;
    require_change(call, id, &file)?;
    if file.protection().exists() {
        let (volid, storage) = (&file.volid, id);
        return Err(ApiError::new(500, format!("cannot remove protected volume '{volid}' on '{storage}'")));
    }
    call.start(Job::FreeVolume { volid: file.volid })
}
