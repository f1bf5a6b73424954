//! Storages as a node has them, and which of their backups would go.

use serde_json::{Value, json};

use super::volume_access::READ;
use crate::api::{Answer, ApiError, Call};
use crate::ops::{self, Job};
use crate::state::{StorageConfig, StorageKind};

fn no_such() -> ApiError {
    ApiError::parameter("storage", "No such storage.")
}

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let params = &call.params;
    let node = &call.node;
    let (storages, wanted) = (node.storages(), params.get("content"));
    let all: Vec<StorageConfig> =
        storages.all().into_iter().filter(|storage| is_listed(call, storage, wanted)).collect();
    let only = params.get("storage");
    if only.is_some_and(|id| !all.iter().any(|storage| storage.id.as_str() == id)) {
        return Err(no_such());
    }
    let target = params.get("target").filter(|target| *target != node.name() && *target != "localhost");
    let rows: Result<Vec<Value>, ApiError> = all
        .iter()
        .filter(|storage| call.who.require_any(&format!("/storage/{}", storage.id), &READ).is_ok())
        .filter(|storage| only.is_none_or(|id| storage.id.as_str() == id))
        .filter(|storage| !params.flag("enabled") || !storage.disabled())
        .filter(|storage| target.is_none_or(|target| is_shared_with(storage, node.name(), target)))
        .map(|storage| row(call, storage, params.flag("format")))
        .collect();
    Answer::of(&rows?)
}

/// Asked for a content type, only storages that may be used are told.
fn is_listed(call: &Call, storage: &StorageConfig, content: Option<&str>) -> bool {
    content.is_none_or(|content| {
        let usable = !storage.disabled() && storage.is_on(call.node.name());
        usable && content.split([',', ';', ' ']).any(|one| storage.holds(one))
    })
}

fn is_shared_with(storage: &StorageConfig, node: &str, target: &str) -> bool {
    storage.flag("shared") == Some(true) && storage.is_on(node) && storage.is_on(target)
}

fn row(call: &Call, storage: &StorageConfig, formats: bool) -> Result<Value, ApiError> {
    let status = call.node.storages().status(storage);
    let mut row = serde_json::to_value(&status).map_err(|error| ApiError::new(500, error.to_string()))?;
    if status.total > 0 {
        // As on Proxmox a fraction of floating point; sizes are far below what that holds exactly.
        #[expect(clippy::cast_precision_loss, reason = "a fraction to look at")]
        let fraction = status.used as f64 / status.total as f64;
        row["used_fraction"] = json!(fraction);
    }
    if formats && status.enabled {
        let (supported, valid) = match storage.kind {
            StorageKind::Dir => {
                (vec!["qcow2", "raw", "subvol", "vmdk"], json!({"qcow2":1,"raw":1,"subvol":1,"vmdk":1}))
            }
            StorageKind::Btrfs => (vec!["raw", "subvol"], json!({"raw":1,"subvol":1})),
        };
        let default = storage.get("format").unwrap_or("raw");
        row["formats"] = json!({"default": default, "supported": supported});
        row["format"] = json!([valid, default]);
    }
    Ok(row)
}

pub(super) fn index(_: &Call) -> Result<Answer, ApiError> {
    let names = [
        "content",
        "download-url",
        "file-restore",
        "import-metadata",
        "identity",
        "oci-registry-pull",
        "prunebackups",
        "rrd",
        "rrddata",
        "status",
        "upload",
    ];
    Answer::of(&names.map(|name| json!({"subdir": name})))
}

pub(super) fn status(call: &Call) -> Result<Answer, ApiError> {
    let storage = call.node.storages().get(call.text("storage")).map_err(|_| no_such())?;
    let mut row = call.node.storages().status(&storage);
    row.storage = String::new();
    Answer::of(&row)
}

pub(super) fn prune_dry_run(call: &Call) -> Result<Answer, ApiError> {
    let params = &call.params;
    let rule = params.get("prune-backups");
    let plan = ops::plan_pruning(&call.node, call.text("storage"), rule, params.vmid("vmid"), params.get("type"))?;
    Answer::of(&plan)
}

pub(super) fn prune(call: &Call) -> Result<Answer, ApiError> {
    let (params, storage) = (&call.params, call.text("storage"));
    let path = format!("/storage/{storage}");
    match params.vmid("vmid") {
        Some(vmid) => {
            call.who.require(&path, "Datastore.AllocateSpace")?;
            call.who.require(&format!("/vms/{vmid}"), "VM.Backup")?;
        }
        None => call.who.require(&path, "Datastore.Allocate")?,
    }
    call.start(Job::PruneBackups {
        storage: storage.to_owned(),
        rule: params.owned("prune-backups"),
        vmid: params.vmid("vmid"),
        kind: params.owned("type"),
    })
}
