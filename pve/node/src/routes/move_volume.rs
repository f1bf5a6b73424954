//! Moving volumes: to another storage, or to another guest.

use pve_wire::api::ParamErrors;
use spec::ids::Vmid;

use crate::api::{Answer, ApiError, Call};
use crate::ops::Job;
use crate::ops::move_volume::{self, MoveVolume, Reassign, Relocate};

pub(super) fn post(call: &Call) -> Result<Answer, ApiError> {
    let (vmid, params) = (call.vmid()?, &call.params);
    match (params.owned("storage"), params.vmid("target-vmid")) {
        (Some(_), Some(_)) => Err(ApiError::new(500, "either set storage or target-vmid, but not both")),
        (Some(storage), None) => to_storage(call, vmid, storage),
        (None, Some(target)) => to_guest(call, vmid, target),
        (None, None) => {
            let why = "both 'storage' and 'target-vmid' missing, either needs to be set".to_owned();
            Err(ParamErrors::from(["storage", "target-vmid"].map(|name| (name.to_owned(), why.clone()))).into())
        }
    }
}

fn to_storage(call: &Call, vmid: Vmid, storage: String) -> Result<Answer, ApiError> {
    call.who.require(&format!("/storage/{storage}"), "Datastore.AllocateSpace")?;
    let request = Relocate {
        vmid,
        volume: call.text("volume").to_owned(),
        storage,
        delete: call.params.flag("delete"),
        digest: call.params.owned("digest"),
        bwlimit: call.params.owned("bwlimit"),
    };
    move_volume::admit_to_storage(&call.node, &request)?;
    call.start(Job::MoveVolume(MoveVolume::ToStorage(request))).inspect_err(|_| move_volume::forget(&call.node, vmid))
}

fn to_guest(call: &Call, vmid: Vmid, target: Vmid) -> Result<Answer, ApiError> {
    let volume = call.text("volume").to_owned();
    let target_volume = call.params.owned("target-volume").unwrap_or_else(|| volume.clone());
    if !call.who.is_root() {
        call.who.require(&format!("/vms/{target}"), "VM.Config.Disk")?;
    }
    let request = Reassign {
        vmid,
        volume,
        target,
        target_volume,
        digest: call.params.owned("digest"),
        target_digest: call.params.owned("target-digest"),
    };
    let given = move_volume::admit_to_guest(&call.node, &request)?;
    let storage = &given.disk.volid.storage;
    call.who.require(&format!("/storage/{storage}"), "Datastore.AllocateSpace")?;
    call.start(Job::MoveVolume(MoveVolume::ToGuest(request)))
}
