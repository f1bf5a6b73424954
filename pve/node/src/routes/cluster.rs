//! What concerns all nodes: version, the next free number.

use std::collections::BTreeSet;

use pve_wire::Version;

use crate::api::{Answer, ApiError, Call};
use crate::error::chain;
use crate::state::digest_of;

/// The version of Proxmox VE whose answers these are.
pub(super) const VERSION: &str = "9.2.11";

/// What stands for the commit: sixteen hexadecimal digits of our own version.
pub(super) fn commit() -> String {
    digest_of(env!("CARGO_PKG_VERSION"))[..16].to_owned()
}

pub(super) fn version(_call: &Call) -> Result<Answer, ApiError> {
    let release = VERSION.rsplit_once('.').map_or(VERSION, |(release, _)| release);
    Answer::of(&Version { version: VERSION.to_owned(), release: release.to_owned(), repoid: commit() })
}

/// The smallest free number, as text; or whether a given one is free. Nothing is reserved.
pub(super) fn next_id(call: &Call) -> Result<Answer, ApiError> {
    let mut taken = BTreeSet::new();
    for node in call.node.cluster().map_err(|error| ApiError::new(500, chain(&error)))? {
        taken.extend(node.guests().list()?);
    }
    if let Some(vmid) = call.params.vmid("vmid") {
        let why = format!("VM {vmid} already exists");
        return if taken.contains(&vmid) {
            Err(ApiError::parameter("vmid", &why))
        } else {
            Answer::of(&vmid.to_string())
        };
    }
    let taken: BTreeSet<u32> = taken.into_iter().map(spec::ids::Vmid::get).collect();
    let free = (100..1_000_000).find(|number| !taken.contains(number));
    let free = free.ok_or_else(|| ApiError::new(500, "unable to get any free VMID in range [100, 1000000]"))?;
    Answer::of(&free.to_string())
}
