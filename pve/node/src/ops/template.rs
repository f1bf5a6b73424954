//! Making a guest a template.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use spec::ids::{Vmid, Volid};
use spec::pct::{MountSource, PctConf};

use super::Op;
use crate::containers::{lxc, mount};
use crate::error::Die;
use crate::state::{GuestFile, ImageFormat};

/// The work.
pub(super) fn run(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    let _lock = op.lock(vmid)?;
    let guest = op.unlocked(vmid, &[])?;
    if guest.conf.flag("template") {
        return Err(Die::text("you can't convert a template to a template"));
    }
    if lxc::is_running(&op.node.layout, vmid) {
        return Err(Die::text("you can't convert a running container to template"));
    }
    let mut conf = guest.conf;
    convert(op, &mut conf)?;
    op.node.guests().write(vmid, &conf)
}

/// Renames the guest's disks to bases and marks the configuration.
pub(super) fn convert(op: &Op<'_>, conf: &mut PctConf) -> Result<(), Die> {
    let guest = GuestFile { conf: conf.clone(), digest: String::new() };
    for (key, mut volume) in mount::volumes(&guest)? {
        if volume.source() != MountSource::Volume {
            continue;
        }
        let base: Volid = volume
            .volume()
            .replace("/vm-", "/base-")
            .replace("/subvol-", "/basevol-")
            .parse()
            .map_err(|error: spec::ids::InvalidId| Die::text(error.to_string()))?;
        let from = op.node.storages().file(&volume.volid().ok_or_else(|| Die::text(format!("{key} is no volume")))?)?;
        let to = op.node.storages().file(&base)?;
        fs::rename(&from.path, &to.path).map_err(Die::io("rename", &from.path))?;
        if to.format() == ImageFormat::Raw {
            fs::set_permissions(&to.path, fs::Permissions::from_mode(0o444)).map_err(Die::io("chmod", &to.path))?;
        }
        volume.set_volume(&base.to_string()).map_err(|error| Die::text(error.pve_text()))?;
        conf.set(&key, &volume.to_string()).map_err(|error| Die::text(error.to_string()))?;
    }
    conf.set("template", "1").map_err(|error| Die::text(error.to_string()))?;
    Ok(())
}
