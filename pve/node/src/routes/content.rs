//! What lies on a storage: lists, single volumes, making, changing, copying and removing them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use pve_wire::Upid;
use serde_json::{Map, Value, json};
use spec::ids::Volid;

use super::volume_access::require_access;
use crate::api::{Answer, ApiError, Call};
use crate::error::Die;
use crate::ops::{self, Job};
use crate::state::{ImageFormat, VolumeFile, VolumeKind, VolumeRow};
use crate::{tasks, wait};

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let storages = call.node.storages();
    let storage = storages.usable(call.text("storage"))?;
    let may = |row: &VolumeRow| {
        let file = row.volid.parse().ok().and_then(|volid| storages.file(&volid).ok());
        file.is_some_and(|file| require_access(call, &file, None).is_ok())
    };
    let rows = storages.content(&storage, call.params.get("content"), call.params.vmid("vmid"));
    Answer::of(&rows.into_iter().filter(may).collect::<Vec<_>>())
}

pub(super) fn allocate(call: &Call) -> Result<Answer, ApiError> {
    let params = &call.params;
    let (name, format) = (call.text("filename"), params.get("format"));
    let ending = ["raw", "qcow2", "vmdk"].into_iter().find(|ending| name.ends_with(&format!(".{ending}")));
    if let (Some(ending), Some(format)) = (ending, format)
        && ending != format
    {
        return Err(ApiError::parameter("format", &format!("different storage formats ({format} != {ending})")));
    }
    let kib = ops::kib(call.text("size"));
    let file = ops::allocate(&call.node, call.text("storage"), call.vmid()?, name, ending.or(format), kib)?;
    Answer::of(&file.volid.to_string())
}

/// A volume named by its id, or by its name where the path names the storage.
fn file(call: &Call, name: &str) -> Result<VolumeFile, ApiError> {
    let wrong = |why: &str| ApiError::parameter("volume", &format!("{why}\n"));
    let storage = call.params.get("storage");
    let text = match (name.split_once(':'), storage) {
        (Some((of, _)), Some(storage)) if of != storage => {
            return Err(wrong(&format!("storage ID mismatch ({of} != {storage})")));
        }
        (Some(_), _) => name.to_owned(),
        (None, Some(storage)) => format!("{storage}:{name}"),
        (None, None) => return Err(ApiError::parameter("volume", "no storage specified - incomplete volume ID")),
    };
    let volid: Volid = text.parse().map_err(|_| wrong(&format!("unable to parse volume ID '{text}'\n")))?;
    Ok(call.node.storages().file(&volid)?)
}

pub(super) fn info(call: &Call) -> Result<Answer, ApiError> {
    let file = file(call, call.text("volume"))?;
    require_access(call, &file, None)?;
    let volid = &file.volid;
    let failed = |why: &str| ApiError::from(Die::text(format!("volume_size_info on '{volid}' failed - {why}")));
    let stat = fs::metadata(&file.path).map_err(|_| failed("no format"))?;
    let subvol = file.format() == ImageFormat::Subvol;
    if stat.is_dir() != subvol {
        return Err(failed("no format"));
    }
    if !subvol && stat.len() == 0 {
        return Err(Die::text(format!("volume '{volid}' has size zero")).into());
    }
    let (size, used) = if subvol { (0, 0) } else { (stat.len(), stat.blocks() * 512) };
    let format = file.format().word();
    let mut info: Map<String, Value> = Map::new();
    for (key, value) in [
        ("path", json!(file.path.display().to_string())),
        ("size", json!(size)),
        ("used", json!(used)),
        ("format", json!(format)),
    ] {
        info.insert(key.to_owned(), value);
    }
    if file.kind == VolumeKind::Backup {
        info.insert("notes".to_owned(), json!(fs::read_to_string(file.notes()).unwrap_or_default()));
        info.insert("protected".to_owned(), json!(u8::from(file.protection().exists())));
    }
    Answer::of(&Value::Object(info))
}

pub(super) fn update(call: &Call) -> Result<Answer, ApiError> {
    let file = file(call, call.text("volume"))?;
    require_access(call, &file, None)?;
    let backup = file.kind == VolumeKind::Backup;
    if let Some(notes) = call.params.get("notes") {
        if !backup {
            return Err(Die::text("only backups can have notes").into());
        }
        set(&file.notes(), (!notes.is_empty()).then_some(notes))?;
    }
    if let Some(protected) = call.params.optional_flag("protected") {
        if !backup {
            return Err(Die::text("only backups support attribute 'protected'").into());
        }
        if protected != file.protection().exists() {
            set(&file.protection(), protected.then_some(""))?;
        }
    }
    Ok(Answer::null())
}

/// Writes a file beside an archive, or takes it away.
fn set(path: &std::path::Path, text: Option<&str>) -> Result<(), Die> {
    match text {
        Some(text) => fs::write(path, text).map_err(Die::io("write", path)),
        None => match fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Die::io("unlink", path)(error)),
            _ => Ok(()),
        },
    }
}

pub(super) fn copy(call: &Call) -> Result<Answer, ApiError> {
    let (from, to) = (file(call, call.text("volume"))?, file(call, call.text("target"))?);
    if call.params.get("target_node").is_some_and(|target| target != call.node.name() && target != "localhost") {
        return Err(ApiError::parameter("target_node", "volumes are copied on one node only here"));
    }
    call.start(Job::CopyVolume { from: from.volid, to: to.volid })
}

pub(super) fn free(call: &Call) -> Result<Answer, ApiError> {
    let file = file(call, call.text("volume"))?;
    let storage = format!("/storage/{}", file.volid.storage);
    match file.owner().filter(|_| file.kind == VolumeKind::Backup) {
        Some(owner) => {
            call.who.require(&storage, "Datastore.AllocateSpace")?;
            call.who.require(&format!("/vms/{owner}"), "VM.Backup")?;
        }
        None => call.who.require(&storage, "Datastore.Allocate")?,
    }
    let answer = call.start(Job::FreeVolume { volid: file.volid })?;
    match call.params.number("delay") {
        Some(seconds) => await_end(call, answer, seconds),
        None => Ok(answer),
    }
}

/// Null where the task ends well in time, its failure where it ends badly, else its name.
fn await_end(call: &Call, answer: Answer, seconds: u64) -> Result<Answer, ApiError> {
    let Some(upid) = answer.data.as_str().and_then(|text| text.parse::<Upid>().ok()) else { return Ok(answer) };
    let ended = || tasks::exit_status(&call.node, &upid);
    let Some(status) = wait::until(Duration::from_secs(seconds), Duration::from_millis(50), ended) else {
        return Ok(answer);
    };
    if status.succeeded() { Ok(Answer::null()) } else { Err(Die::text(status.to_string()).into()) }
}
