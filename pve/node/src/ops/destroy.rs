//! Removing guests.

use spec::ids::Vmid;
use spec::pct::{MountPoint, MountSource, PctConf};

use super::Op;
use crate::containers::{lxc, mount};
use crate::error::{Die, chain};
use crate::state::{GuestFile, Node, VolumeKind};

/// Looks whether the guest may be removed.
pub fn admit(node: &Node, vmid: Vmid, force: bool) -> Result<(), Die> {
    let guest = node.guests().read(vmid)?;
    if guest.conf.flag("protection") {
        return Err(Die::Protected { vmid });
    }
    guest.refuse_locked(&[])?;
    if !force && lxc::is_running(&node.layout, vmid) {
        return Err(Die::text(format!("unable to destroy CT {vmid} - container is running")));
    }
    Ok(())
}

/// The work. The configuration goes last, so that the number is not given away before the volumes are gone.
pub(super) fn run(op: &Op<'_>, vmid: Vmid, force: bool) -> Result<(), Die> {
    let _lock = op.lock(vmid)?;
    admit(op.node, vmid, force)?;
    if lxc::is_running(&op.node.layout, vmid) {
        super::power::kill(op, vmid)?;
    }
    let guest = op.node.guests().read(vmid)?;
    free_volumes(op, vmid, &guest.conf)?;
    op.node.guests().write(vmid, &PctConf::parse("lock: destroyed\n"))?;
    let _ = std::fs::remove_dir_all(op.node.layout.lxc().join(vmid.to_string()));
    super::new_guest::forget_mount_directory(op.node, vmid);
    super::membership::forget(op, vmid)?;
    op.node.guests().remove(vmid)
}

/// Removes a guest's volumes, unused ones included; a volume of another guest is left alone.
pub(super) fn free_volumes(op: &Op<'_>, vmid: Vmid, conf: &PctConf) -> Result<(), Die> {
    let guest = GuestFile { conf: conf.clone(), digest: String::new() };
    let mounted = mount::volumes(&guest)?.into_iter().map(|(_, volume)| volume);
    let unused = conf.current().unused().into_iter().filter_map(|(_, text)| MountPoint::parse_unused(text).ok());
    for volume in mounted.chain(unused).filter(|volume| volume.source() == MountSource::Volume) {
        let Some(volid) = volume.volid() else { continue };
        let file = op.node.storages().file(&volid)?;
        if file.kind != (VolumeKind::Image { owner: vmid }) {
            op.log.warn(&format!("volume '{volid}' is owned by another guest - not removed"));
            continue;
        }
        match op.node.storages().free(&file) {
            Ok(()) => (),
            Err(Die::NoVolume { .. }) => op.line(&format!("volume '{volid}' does not exist")),
            Err(error) => {
                return Err(Die::text(format!("could not remove disk '{volid}', check manually: {}", chain(&error))));
            }
        }
    }
    Ok(())
}
