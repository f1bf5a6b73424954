//! Commands and shells inside a running guest.

use pve_wire::api::Params;

use super::mounts::vmid;
use crate::cli::dispatch::Failure;
use crate::cli::tool::REST;
use crate::containers::lxc;
use crate::error::Die;
use crate::state::Node;

/// A command in the guest; its exit code is ours.
pub(super) fn exec(node: &Node, params: &Params) -> Result<u8, Failure> {
    let command: Vec<String> = params.list(REST).into_iter().map(str::to_owned).collect();
    if command.is_empty() {
        running(node, params)?;
        return Err(Die::text("missing command").into());
    }
    attach(node, params, &command)
}

/// A shell in the guest.
pub(super) fn enter(node: &Node, params: &Params) -> Result<u8, Failure> {
    attach(node, params, &[])
}

fn attach(node: &Node, params: &Params, command: &[String]) -> Result<u8, Failure> {
    running(node, params)?;
    let keep = params.optional_flag("keep-env").unwrap_or(true);
    Ok(lxc::attach(&node.layout, vmid(params)?, keep, command).attached()?)
}

fn running(node: &Node, params: &Params) -> Result<(), Die> {
    let vmid = vmid(params)?;
    node.guests().read(vmid)?;
    if lxc::is_running(&node.layout, vmid) {
        Ok(())
    } else {
        Err(Die::text(format!("container '{vmid}' not running!")))
    }
}

/// The guest's console, a terminal or a shell, as its configuration has it.
pub(super) fn console(node: &Node, params: &Params) -> Result<u8, Failure> {
    let vmid = vmid(params)?;
    let guest = node.guests().read(vmid)?;
    let console = || lxc::lxc(&node.layout, "lxc-console", vmid);
    let program = match guest.conf.get("cmode") {
        Some("shell") => lxc::attach(&node.layout, vmid, false, &[]),
        Some("console") => console().args(["-t", "0"]),
        _ => console(),
    };
    let escape = params.get("escape").filter(|_| guest.conf.get("cmode") != Some("shell"));
    let program = match escape {
        Some(escape) => program.args(["-e", escape]),
        None => program,
    };
    Ok(program.attached()?)
}
