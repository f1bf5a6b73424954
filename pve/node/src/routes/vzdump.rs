//! Backups: start one, read the configuration in one.

use spec::ids::Volid;

use crate::api::{Answer, ApiError, Call};
use crate::ops::{self, Job, VzdumpRequest};
use crate::state::{BackupName, VolumeKind};

const ROOT_ONLY: &[&str] = &["dumpdir", "tmpdir", "script", "job-id"];

pub(super) fn start(call: &Call) -> Result<Answer, ApiError> {
    let params = &call.params;
    if let Some(name) = ROOT_ONLY.iter().find(|name| params.get(name).is_some() && !call.who.is_root()) {
        return Err(ApiError::parameter(name, "Only root may set this option."));
    }
    let list = params.get("vmid").unwrap_or_default();
    let vmids: Vec<_> = list.split([',', ';', ' ']).filter_map(|text| text.parse().ok()).collect();
    if vmids.is_empty() {
        return Err(ApiError::parameter("vmid", "property is missing"));
    }
    let options = params.keys().filter(|key| !["vmid", "node"].contains(key));
    let shown = options.map(|key| format!(" --{key} {}", params.list(key).join(" ")));
    let numbers = vmids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let shown = format!("{numbers}{} --node {}", shown.collect::<String>(), call.node.name());
    let request = VzdumpRequest::of(vmids, params, &shown)?;
    if call.node.storages().get(&request.storage).is_ok() {
        call.who.require(&format!("/storage/{}", request.storage), "Datastore.AllocateSpace")?;
    }
    call.start(Job::Vzdump(request))
}

pub(super) fn extract_config(call: &Call) -> Result<Answer, ApiError> {
    let text = call.text("volume");
    let volid: Volid = text.parse().map_err(|_| ApiError::new(500, format!("unable to parse volume ID '{text}'")))?;
    let file = call.node.storages().file(&volid)?;
    if file.kind != VolumeKind::Backup {
        return Err(ApiError::new(500, format!("unable to use volume {volid} - content type needs to be 'backup'")));
    }
    match BackupName::of(volid.file_name()).owner {
        Some(owner) => call.who.require(&format!("/vms/{owner}"), "VM.Backup")?,
        None => call.who.require(&format!("/storage/{}", volid.storage), "Datastore.Allocate")?,
    }
    Answer::of(&ops::read_conf(&file)?)
}
