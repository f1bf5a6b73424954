//! Making a guest a template.

use spec::ids::Vmid;
use spec::pct::{MountSource, PctConf};

use super::Op;
use crate::containers::{lxc, mount};
use crate::error::Die;
use crate::state::{DiskFeature, GuestFile, Node};

/// Looks whether a guest can become a template.
pub fn admit(node: &Node, vmid: Vmid) -> Result<GuestFile, Die> {
    let guest = node.guests().read(vmid)?;
    guest.refuse_locked(&[])?;
    if !guest.conf.snapshots().is_empty() {
        return Err(Die::text("unable to create template, because CT contains snapshots"));
    }
    if guest.conf.flag("template") {
        return Err(Die::text("you can't convert a template to a template"));
    }
    if lxc::is_running(&node.layout, vmid) {
        return Err(Die::text("you can't convert a CT to template if the CT is running"));
    }
    Ok(guest)
}

/// The work.
pub(super) fn run(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    let _lock = op.lock(vmid)?;
    let mut conf = admit(op.node, vmid)?.conf;
    convert(op, &mut conf)?;
    op.node.guests().write(vmid, &conf)
}

/// Makes the guest's disks a template's and marks the configuration.
pub(super) fn convert(op: &Op<'_>, conf: &mut PctConf) -> Result<(), Die> {
    let guest = GuestFile { conf: conf.clone(), digest: String::new() };
    let mut disks = Vec::new();
    for (key, volume) in mount::volumes(&guest)? {
        let unable = || Die::text(format!("Template feature is not available for '{}'", volume.volume()));
        let volid = volume.volid().filter(|_| volume.source() == MountSource::Volume).ok_or_else(unable)?;
        let disk = op.node.storages().file(&volid)?;
        if !disk.offers(DiskFeature::Template, false) {
            return Err(unable());
        }
        disks.push((key, volume, disk));
    }
    for (key, mut volume, disk) in disks {
        let base = op.node.storages().make_base(&disk, &|text| op.line(text))?;
        volume.set_volume(&base.volid.to_string()).map_err(|error| Die::text(error.pve_text()))?;
        conf.set(&key, &volume.to_string()).map_err(|error| Die::text(error.to_string()))?;
    }
    conf.set("template", "1").map_err(|error| Die::text(error.to_string()))
}
