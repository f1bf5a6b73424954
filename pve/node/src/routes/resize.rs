//! Growing a disk.

use super::permit::Permit;
use crate::api::{Answer, ApiError, Call};
use crate::ops::Job;
use crate::ops::Touched;
use crate::ops::resize::{Asked, ResizeRequest, admit};

pub(super) fn put(call: &Call) -> Result<Answer, ApiError> {
    let (vmid, disk) = (call.vmid()?, call.text("disk").to_owned());
    let size = call.text("size").to_owned();
    // Proxmox's option checker takes the parameter's name, `disk`, for another option: hence one privilege more.
    let named = ["disk".to_owned()];
    let may = |asked: Asked<'_>| match asked {
        Asked::Disk(guest) => {
            Permit { call, vmid, old: Some(guest), unprivileged: guest.unprivileged() }.check(Touched::Removed(&named))
        }
        Asked::Storage(id) => call.who.require(&format!("/storage/{id}"), "Datastore.AllocateSpace"),
    };
    let request = ResizeRequest { vmid, disk, size, digest: call.params.owned("digest") };
    admit(&call.node, &request, &may)?;
    call.start(Job::Resize(request))
}
