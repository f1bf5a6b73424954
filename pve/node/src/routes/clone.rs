//! Copies of guests, templates, and what a guest's disks allow.

use serde_json::json;

use super::permit::require_for_net;
use crate::api::{Answer, ApiError, Call};
use crate::ops::clone::{CloneRequest, Need};
use crate::ops::{self, Job};
use crate::state::DiskFeature;

pub(super) fn clone(call: &Call) -> Result<Answer, ApiError> {
    let (vmid, params) = (call.vmid()?, &call.params);
    let newid = params.vmid("newid").ok_or_else(|| ApiError::missing("newid"))?;
    let request = CloneRequest::of(vmid, newid, params);
    if let Some(pool) = &request.pool {
        call.who.require_pool(pool)?;
    }
    let job = ops::clone::admit(&call.node, &request, &|need| match need {
        Need::Storage(storage) => call.who.require(&format!("/storage/{storage}"), "Datastore.AllocateSpace"),
        Need::Net(net) => require_for_net(call, net),
    })?;
    call.start(Job::Clone(job))
}

/// Answers null, not a UPID, although a task is started: Proxmox does so too.
pub(super) fn template(call: &Call) -> Result<Answer, ApiError> {
    let vmid = call.vmid()?;
    ops::template::admit(&call.node, vmid)?;
    call.start(Job::Template { vmid })?;
    Ok(Answer::null())
}

pub(super) fn feature(call: &Call) -> Result<Answer, ApiError> {
    let guest = call.node.guests().read(call.vmid()?)?;
    let snapshot = call.params.get("snapname");
    let section = ops::snapshot::section(&guest.conf, snapshot)?;
    let feature = match call.text("feature") {
        "snapshot" => DiskFeature::Snapshot,
        "clone" => DiskFeature::Clone,
        _ => DiskFeature::Copy,
    };
    let has = ops::snapshot::allowed(&call.node, section, feature, snapshot.is_some(), |_, _| true)?;
    Answer::of(&json!({ "hasFeature": u8::from(has) }))
}
