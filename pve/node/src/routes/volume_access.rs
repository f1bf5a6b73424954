//! Who may use a volume.

use crate::api::{ApiError, Call};
use crate::error::Die;
use crate::state::{VolumeFile, VolumeKind};

/// Who may see any storage's volumes that belong to nobody.
pub(super) const READ: [&str; 2] = ["Datastore.Audit", "Datastore.AllocateSpace"];

/// Refuses who may not use a volume, and a volume whose content type is not the `wanted` one.
pub(super) fn require_access(call: &Call, file: &VolumeFile, wanted: Option<&str>) -> Result<(), ApiError> {
    let volid = &file.volid;
    if let Some(wanted) = wanted.filter(|wanted| file.kind.content() != *wanted) {
        return Err(Die::text(format!("unable to use volume {volid} - content type needs to be '{wanted}'")).into());
    }
    let storage = format!("/storage/{}", volid.storage);
    if call.who.has(&storage, "Datastore.Allocate") {
        return Ok(());
    }
    match (file.kind, file.owner()) {
        (VolumeKind::Template | VolumeKind::Iso, _) => call.who.require_any(&storage, &READ),
        (VolumeKind::Backup, Some(owner)) => {
            call.who.require(&storage, "Datastore.AllocateSpace")?;
            call.who.require(&format!("/vms/{owner}"), "VM.Backup")
        }
        (VolumeKind::Image { .. }, Some(owner)) => {
            call.who.require(&storage, "Datastore.Audit")?;
            call.who.require(&format!("/vms/{owner}"), "VM.Config.Disk")
        }
        _ => Err(Die::text(format!("missing privileges to access {volid}")).into()),
    }
}
