//! Growing a disk.

use super::config::require_for_keys;
use crate::api::{Answer, ApiError, Call, Kind, Param};
use crate::error::Die;
use crate::ops::{
    Job,
    resize::{ResizeRequest, admit},
};

pub(super) fn put(call: &Call, vmid: &str) -> Result<Answer, ApiError> {
    let path = format!("/vms/{vmid}");
    call.who.require(&path, "VM.Config.Disk")?;
    let vmid = Call::vmid(vmid)?;
    let known = [
        Param::required("disk", Kind::Text(1, 16)),
        Param::required("size", Kind::Size),
        Param::optional("digest", Kind::Text(0, 40)),
    ];
    let params = call.params(&[&known])?;
    let disk = params.owned("disk").unwrap_or_default();
    let is_disk = disk == "rootfs" || disk.strip_prefix("mp").is_some_and(|digits| digits.parse::<u8>().is_ok());
    if !is_disk {
        let all: Vec<String> =
            std::iter::once("rootfs".to_owned()).chain((0..=255).map(|n| format!("mp{n}"))).collect();
        let why = format!("value '{disk}' does not have a value in the enumeration '{}'", all.join(", "));
        return Err(ApiError::parameter("disk", &why));
    }
    // Proxmox's option checker takes the parameter's name, `disk`, for another option: hence one privilege more.
    let named = std::collections::BTreeMap::from([("disk".to_owned(), String::new())]);
    require_for_keys(call, vmid, &named, None, true)?;
    let guest = call.node.guests().read(vmid)?;
    let storage = guest.conf.get(&disk).and_then(|text| Some(text.split_once(':')?.0.to_owned()));
    let storage = storage.ok_or_else(|| Die::text(format!("mount point '{disk}' does not exist")))?;
    call.who.require(&format!("/storage/{storage}"), "Datastore.AllocateSpace")?;
    let size = params.owned("size").unwrap_or_default();
    let request = ResizeRequest { vmid, disk, size, digest: params.owned("digest") };
    admit(&call.node, &request)?;
    call.start(Job::Resize(request))
}
