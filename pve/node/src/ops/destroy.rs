//! Removing guests.

use serde::{Deserialize, Serialize};
use spec::ids::{Vmid, Volid};
use spec::pct::{MountPoint, MountSource, PctConf, Section};

use super::Op;
use crate::containers::lxc;
use crate::error::{Die, chain};
use crate::state::{Node, VolumeKind};

/// What is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DestroyRequest {
    /// The guest.
    pub vmid: Vmid,
    /// Whether a running guest is ended first.
    pub force: bool,
    /// Whether whatever else names the guest is told to forget it.
    pub purge: bool,
    /// Whether disks go that bear the guest's number, though its configuration does not name them.
    pub unreferenced: bool,
}

/// Looks whether the guest may be removed.
pub fn admit(node: &Node, request: &DestroyRequest) -> Result<(), Die> {
    let vmid = request.vmid;
    let guest = node.guests().read(vmid)?;
    if guest.conf.flag("protection") {
        return Err(Die::Protected { vmid });
    }
    guest.refuse_locked(&[])?;
    if !request.force && lxc::is_running(&node.layout, vmid) {
        return Err(Die::text(format!("unable to destroy CT {vmid} - container is running")));
    }
    Ok(())
}

/// The work. The configuration goes last, so that the number is not given away before the volumes are gone.
pub(super) fn run(op: &Op<'_>, request: &DestroyRequest) -> Result<(), Die> {
    let vmid = request.vmid;
    let _lock = op.lock(vmid)?;
    admit(op.node, request)?;
    if lxc::is_running(&op.node.layout, vmid) {
        op.line(&format!("forced to stop CT {vmid} before destroying!"));
        super::power::kill(op, vmid)?;
    }
    let guest = op.node.guests().read(vmid)?;
    free_volumes(op, vmid, &guest.conf)?;
    if request.unreferenced {
        free_unreferenced(op, vmid);
    }
    op.node.guests().write(vmid, &PctConf::parse("lock: destroyed\n"))?;
    let _ = std::fs::remove_dir_all(op.node.layout.lxc().join(vmid.to_string()));
    super::new_guest::forget_mount_directory(op.node, vmid);
    super::membership::forget(op, vmid)?;
    forget_rules(op, vmid)?;
    if request.purge {
        op.line(&format!("purging CT {vmid} from related configurations.."));
    }
    op.node.guests().remove(vmid)
}

/// A firewall's rules would hold for the next guest of that number.
fn forget_rules(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    let rules = op.node.layout.firewall(vmid);
    match std::fs::remove_file(&rules) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Die::io("unlink", &rules)(error)),
        _ => Ok(()),
    }
}

/// Removes a guest's volumes, unused ones and those that wait included; a volume of another guest is left alone.
pub(super) fn free_volumes(op: &Op<'_>, vmid: Vmid, conf: &PctConf) -> Result<(), Die> {
    let sections = [Some(conf.current()), conf.pending()];
    let mut seen: Vec<Volid> = Vec::new();
    for (key, text) in sections.into_iter().flatten().flat_map(Section::entries) {
        let Some(volid) = volume(key, text).filter(|volid| !seen.contains(volid)) else { continue };
        free(op, vmid, &volid)?;
        seen.push(volid);
    }
    Ok(())
}

/// The volume that a key names.
fn volume(key: &str, text: &str) -> Option<Volid> {
    let numbered = |family: &str| key.strip_prefix(family).is_some_and(|digits| digits.parse::<u8>().is_ok());
    let mount = match key {
        "rootfs" => MountPoint::parse_rootfs(text),
        _ if numbered("mp") => text.parse(),
        _ if numbered("unused") => MountPoint::parse_unused(text),
        _ => return None,
    };
    mount.ok().filter(|mount| mount.source() == MountSource::Volume)?.volid()
}

fn free(op: &Op<'_>, vmid: Vmid, volid: &Volid) -> Result<(), Die> {
    let file = op.node.storages().file(volid)?;
    if file.kind != (VolumeKind::Image { owner: vmid }) {
        op.line(&format!("ignore deletion of '{volid}', CT {vmid} isn't the owner!"));
        return Ok(());
    }
    match op.node.storages().free(&file) {
        Err(Die::NoVolume { .. }) => op.line(&format!("disk image '{}' does not exist", file.path.display())),
        other => other?,
    }
    Ok(())
}

/// Disks with the guest's number on any storage. What cannot be removed is told, and stays.
fn free_unreferenced(op: &Op<'_>, vmid: Vmid) {
    let storages = op.node.storages();
    for storage in storages.all().iter().filter(|storage| !storage.disabled() && storage.is_on(op.node.name())) {
        for row in storages.content(storage, Some("rootdir"), Some(vmid)) {
            let freed = row.volid.parse().map_err(|_| Die::text("unable to parse volume ID"));
            if let Err(error) = freed.and_then(|volid| storages.free(&storages.file(&volid)?)) {
                op.line(&chain(&error));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_are_found_wherever_a_key_names_one() {
        let text = |key: &str, value: &str| volume(key, value).map(|volid| volid.to_string());
        let disk = Some("local:1/vm-1-disk-0.raw".to_owned());
        assert_eq!(text("rootfs", "local:1/vm-1-disk-0.raw,size=1G"), disk);
        assert_eq!(text("mp3", "local:1/vm-1-disk-0.raw,mp=/x"), disk);
        assert_eq!(text("unused0", "local:1/vm-1-disk-0.raw"), disk);
        for (key, value) in [("mp0", "/srv,mp=/x"), ("hostname", "local:1/vm-1-disk-0.raw"), ("mpx", "a:b,mp=/x")] {
            assert_eq!(text(key, value), None, "{key}");
        }
    }
}
