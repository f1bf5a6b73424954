//! What a guest's disks allow.

use spec::pct::{MountPoint, MountSource, PctConf, Section};

use crate::error::Die;
use crate::state::{DiskFeature, Node};

/// A guest's configuration, or that of one of its snapshots.
pub fn section<'a>(conf: &'a PctConf, snapshot: Option<&str>) -> Result<&'a Section, Die> {
    match snapshot {
        None => Ok(conf.current()),
        Some(name) => {
            let found = conf.snapshots().remove(name);
            found.ok_or_else(|| Die::text(format!("snapshot '{name}' does not exist")))
        }
    }
}

/// Whether every disk of a configuration that `counts` allows something.
pub fn allowed(
    node: &Node,
    section: &Section,
    feature: DiskFeature,
    snapshot: bool,
    counts: impl Fn(&str, &MountPoint) -> bool,
) -> Result<bool, Die> {
    for (key, mount) in mounts(section)? {
        if counts(&key, &mount) && !offers(node, &mount, feature, snapshot)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn offers(node: &Node, mount: &MountPoint, feature: DiskFeature, snapshot: bool) -> Result<bool, Die> {
    match mount.volid().filter(|_| mount.source() == MountSource::Volume) {
        Some(volid) => Ok(node.storages().file(&volid)?.offers(feature, snapshot)),
        None => Ok(false),
    }
}

/// A configuration's mounts: the root file system, then mount points by number.
pub(in crate::ops) fn mounts(section: &Section) -> Result<Vec<(String, MountPoint)>, Die> {
    let bad = |error: spec::pct::PropertyError| Die::text(error.pve_text());
    let rootfs = section.rootfs().map_err(bad)?.map(|rootfs| ("rootfs".to_owned(), rootfs));
    let mounts = section.mounts().map_err(bad)?.into_iter().map(|(index, mount)| (format!("mp{index}"), mount));
    Ok(rootfs.into_iter().chain(mounts).collect())
}
