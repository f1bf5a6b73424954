//! Making a new guest's volumes, and letting those of the guest that it replaces go.

use spec::ids::Vmid;
use spec::pct::{MountPoint, PctConf};

use super::plan::Planned;
use super::recover::is_new;
use crate::containers::image;
use crate::error::{Die, chain};
use crate::ops::{Op, destroy};
use crate::state::{GuestFile, VolumeFile};

/// Makes the planned volumes, and returns the guest's mounts with their volumes filled in: key and mount point.
pub(super) fn allocate(
    op: &Op<'_>,
    vmid: Vmid,
    plan: Vec<Planned>,
    unprivileged: bool,
    made: &mut Vec<VolumeFile>,
) -> Result<Vec<(String, MountPoint)>, Die> {
    let storages = op.node.storages();
    let mut mounts = Vec::new();
    for mut planned in plan {
        if let Some((storage, size)) = planned.volume {
            let file = storages.next_disk(&storages.usable(storage.as_str())?, vmid, size.bytes())?;
            image::make(&file, size.bytes(), unprivileged, op.log)?;
            planned.mount.set_volume(&file.volid.to_string()).map_err(|error| Die::text(error.pve_text()))?;
            planned.mount.set_size(size);
            made.push(file);
        }
        mounts.push((planned.key, planned.mount));
    }
    Ok(mounts)
}

/// The volumes of a guest that is replaced go only when the new ones are there.
pub(super) fn replace(op: &Op<'_>, vmid: Vmid, old: &GuestFile) -> Result<(), Die> {
    if is_new(old) {
        return Ok(());
    }
    destroy::free_volumes(op, vmid, &old.conf)?;
    op.node.guests().write(vmid, &PctConf::parse("lock: create\n"))
}

/// Removes what was made for a guest that is not to be.
pub(super) fn take_back(op: &Op<'_>, made: &[VolumeFile]) {
    for file in made {
        if let Err(error) = op.node.storages().free(file) {
            op.line(&format!("unable to free volume '{}' - {}", file.volid, chain(&error)));
        }
    }
}

/// A guest with these mounts and nothing else: enough to mount them, all of them writable.
pub(super) fn scratch_guest(mounts: &[(String, MountPoint)], unprivileged: bool) -> GuestFile {
    let line = |(key, mount): &(String, MountPoint)| {
        let mut mount = mount.clone();
        mount.remove("ro");
        format!("{key}: {mount}\n")
    };
    let text: String = mounts.iter().map(line).collect();
    let conf = PctConf::parse(&format!("{text}unprivileged: {}\n", u8::from(unprivileged)));
    GuestFile { conf, digest: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_can_be_written() {
        let mount: MountPoint = "local:9101/vm-9101-disk-1.raw,mp=/d,ro=1,size=1G".parse().unwrap();
        let guest = scratch_guest(&[("mp0".to_owned(), mount)], true);
        assert_eq!(guest.conf.get("mp0"), Some("local:9101/vm-9101-disk-1.raw,mp=/d,size=1G"));
        assert!(guest.unprivileged());
    }
}
