//! Copies of guests, templates, and what a guest's disks allow.

use std::collections::BTreeMap;

use serde_json::json;

use super::config::require_for_nets;
use crate::api::{Answer, ApiError, Call};
use crate::ops::{self, CloneRequest, Job};
use crate::state::DiskFeature;

pub(super) fn clone(call: &Call) -> Result<Answer, ApiError> {
    let (vmid, params) = (call.vmid()?, &call.params);
    let newid = params.vmid("newid").ok_or_else(|| ApiError::missing("newid"))?;
    let guest = call.node.guests().read(vmid)?;
    let nets: BTreeMap<String, String> =
        guest.conf.current().entries().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    require_for_nets(call, &nets)?;
    if guest.conf.flag("template") && params.optional_flag("full") != Some(true) {
        let volume = guest.conf.rootfs().ok().flatten().map(|rootfs| rootfs.volume().to_owned()).unwrap_or_default();
        return Err(ApiError::new(500, format!("Linked clone feature for '{volume}' is not available")));
    }
    let hostname = params.get("hostname").and_then(|text| text.parse().ok());
    let request = CloneRequest { vmid, newid, hostname, description: params.owned("description") };
    ops::clone::admit(&call.node, &request)?;
    call.start(Job::Clone(request))
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
