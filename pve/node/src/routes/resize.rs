//! Growing a disk.

use super::config::require_for_keys;
use crate::api::{Answer, ApiError, Call};
use crate::error::Die;
use crate::ops::{
    Job,
    resize::{ResizeRequest, admit},
};

pub(super) fn put(call: &Call) -> Result<Answer, ApiError> {
    let (vmid, disk) = (call.vmid()?, call.text("disk").to_owned());
    // Proxmox's option checker takes the parameter's name, `disk`, for another option: hence one privilege more.
    let named = std::collections::BTreeMap::from([("disk".to_owned(), String::new())]);
    require_for_keys(call, vmid, &named, None, true)?;
    let guest = call.node.guests().read(vmid)?;
    let storage = guest.conf.get(&disk).and_then(|text| Some(text.split_once(':')?.0.to_owned()));
    let storage = storage.ok_or_else(|| Die::text(format!("mount point '{disk}' does not exist")))?;
    call.who.require(&format!("/storage/{storage}"), "Datastore.AllocateSpace")?;
    let size = call.text("size").to_owned();
    let request = ResizeRequest { vmid, disk, size, digest: call.params.owned("digest") };
    admit(&call.node, &request)?;
    call.start(Job::Resize(request))
}
