//! Volumes that come and go with mount points.

use spec::ids::Vmid;
use spec::pct::{DiskSize, MountPoint, MountSource};

use super::Draft;
use crate::containers::image;
use crate::error::Die;
use crate::ops::new_guest::allocation;
use crate::state::{Node, VolumeFile};

/// How many `unusedN` there are.
const UNUSED: u16 = 256;

/// `mp7` → 7 for the family `mp`.
pub(super) fn index_of(family: &str, key: &str) -> Option<u8> {
    let digits = key.strip_prefix(family)?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// The mount point `text` with its volume made, where it asks for a new one.
pub(super) fn with_volume(
    node: &Node,
    vmid: Vmid,
    draft: &Draft,
    text: &str,
) -> Result<(MountPoint, Option<VolumeFile>), Die> {
    let mut mount: MountPoint = text.parse().map_err(|error: spec::pct::PropertyError| Die::text(error.pve_text()))?;
    if mount.source() != MountSource::Volume {
        return Ok((mount, None));
    }
    let Some((storage, size)) = allocation(mount.volume()).map(|(id, size)| (id.to_owned(), size)) else {
        measure(node, &mut mount);
        return Ok((mount, None));
    };
    let file = node.storages().next_disk(&node.storages().usable(&storage)?, vmid, size.bytes())?;
    image::make_telling(&file, size.bytes(), draft.now().flag("unprivileged"), &|line| draft.tell(line))?;
    mount.set_volume(&file.volid.to_string()).map_err(|error| Die::text(error.pve_text()))?;
    mount.set_size(size);
    Ok((mount, Some(file)))
}

/// An existing volume's size is read from its file.
fn measure(node: &Node, mount: &mut MountPoint) {
    let file = mount.volid().and_then(|volid| node.storages().file(&volid).ok());
    if let Some(stat) = file.and_then(|file| std::fs::metadata(file.path).ok()).filter(std::fs::Metadata::is_file) {
        mount.set_size(DiskSize::from_bytes(stat.len()));
    }
}

/// A volume that `text` mounted stays the guest's, under the first free `unusedN`.
pub(super) fn keep_unused(draft: &mut Draft, text: &str) -> Result<(), Die> {
    let Ok(mount) = text.parse::<MountPoint>() else { return Ok(()) };
    if mount.source() != MountSource::Volume {
        return Ok(());
    }
    let unused = draft.now().current().unused();
    if unused.iter().any(|(_, volume)| *volume == mount.volume()) {
        return Ok(());
    }
    let taken = |index: &u16| unused.iter().any(|(at, _)| u16::from(*at) == *index);
    let free = (0..UNUSED).find(|index| !taken(index));
    let free = free.ok_or_else(|| Die::text("Too many unused volumes - please delete them first."))?;
    draft.set(&format!("unused{free}"), mount.volume())
}

/// Frees the volume of an `unusedN`, unless something still mounts it; another guest's is left alone.
pub(super) fn free_unused(node: &Node, vmid: Vmid, draft: &Draft, volume: &str) -> Result<(), Die> {
    if draft.mounted_volumes().contains(volume) {
        return Ok(());
    }
    let volid = volume.parse().map_err(|_| Die::text(format!("unable to parse volume ID '{volume}'")))?;
    let file = node.storages().file(&volid)?;
    if file.kind != (crate::state::VolumeKind::Image { owner: vmid }) {
        return Ok(());
    }
    node.storages().free(&file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use spec::pct::PctConf;

    #[test]
    fn unused_volumes_take_the_first_free_place_once() {
        let mut draft = Draft::of(&PctConf::parse("unused1: local:1/vm-1-disk-1.raw\n"));
        for text in ["local:1/vm-1-disk-2.raw,mp=/a", "local:1/vm-1-disk-1.raw,mp=/b", "/srv,mp=/c"] {
            keep_unused(&mut draft, text).unwrap();
        }
        let kept = "unused0: local:1/vm-1-disk-2.raw\nunused1: local:1/vm-1-disk-1.raw\n";
        assert_eq!(draft.finish().unwrap().canonical(), kept);
    }
}
