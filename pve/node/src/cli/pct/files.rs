//! Files into a running guest, and out of it.

use pve_wire::api::Params;

use super::mounts::{hold, vmid};
use crate::cli::dispatch::Failure;
use crate::cli::exit;
use crate::containers::lxc;
use crate::error::Die;
use crate::ops::{CopyRequest, Job};
use crate::state::Node;
use crate::tasks::{self, TaskRequest};

/// A local file into the guest.
pub(super) fn push(node: &Node, params: &Params) -> Result<u8, Failure> {
    copy(node, params, "file", true)
}

/// A file of the guest's to the host.
pub(super) fn pull(node: &Node, params: &Params) -> Result<u8, Failure> {
    copy(node, params, "path", false)
}

/// As on Proxmox, a copy that failed still exits with 0; the text stands on standard error.
fn copy(node: &Node, params: &Params, from: &str, into: bool) -> Result<u8, Failure> {
    let vmid = vmid(params)?;
    let _held = hold(node, vmid)?;
    if !lxc::is_running(&node.layout, vmid) {
        let why = if into { "can only push files to a running CT" } else { "can only pull files from a running VM" };
        return Err(Die::text(why).into());
    }
    let here = std::env::current_dir().map_err(Die::io("find", "."))?;
    let absolute = |path: &str| here.join(path).to_string_lossy().into_owned();
    let (from, to) = (params.get(from).unwrap_or_default(), params.get("destination").unwrap_or_default());
    let request = CopyRequest {
        vmid,
        into,
        from: if into { absolute(from) } else { from.to_owned() },
        to: if into { to.to_owned() } else { absolute(to) },
        user: params.owned("user"),
        group: params.owned("group"),
        perms: params.owned("perms"),
    };
    tasks::foreground(node, &TaskRequest { job: Job::Copy(request), auth_id: "root@pam".to_owned(), faults: false })?;
    Ok(exit::OK)
}
