//! One delivery to one guest, running or not.

use pve_host::Host;
use spec::ids::Vmid;

use super::error::DeliverError;
use super::guest_root::GuestRoot;
use super::places::admit;
use super::write::{Changes, write};
use crate::guest::{Mounts, Tree};
use crate::protocol::{Delivered, File, Place};

/// Delivers. Blocks for as long as the node's programs and the guest's files take.
pub fn deliver(
    host: &Host,
    mounts: &Mounts,
    vmid: Vmid,
    place: Place,
    files: &[File],
) -> Result<Delivered, DeliverError> {
    admit(place, files)?;
    let tree = Tree::open(host, mounts, vmid)?;
    let changes = guest_root(host, vmid, &tree).and_then(|guest| {
        let written = guest.perform(|| write(tree.root(), &place.rules(), files, guest.uid()));
        written.map_err(|source| DeliverError::NoGuestRoot { vmid, source })?
    });
    // The end first: a guest that stays mounted is locked, whatever else went wrong.
    tree.close()?;
    let Changes { written, removed } = changes?;
    Ok(Delivered { vmid, delivered: written, withdrawn: removed })
}

fn guest_root(host: &Host, vmid: Vmid, tree: &Tree<'_>) -> Result<GuestRoot, DeliverError> {
    let found = if let Some(pid) = tree.pid() {
        GuestRoot::of_process(pid)
    } else {
        let conf = host.pct().config(vmid);
        GuestRoot::of_configuration(&conf.map_err(|source| DeliverError::Configuration { vmid, source })?)
    };
    found.map_err(|source| DeliverError::NoGuestRoot { vmid, source })
}
