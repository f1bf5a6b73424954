//! Snapshots: a guest's disks and its configuration as they were at a moment.
//!
//! | module | what |
//! |---|---|
//! | [`feature`] | whether a guest's disks allow it |
//! | [`sections`] | what becomes of the configuration; pure |
//! | [`take()`], [`delete()`], [`rollback`] | the work |
//!
//! The guest's lock file is held only while its configuration changes; its `lock:` line keeps others away in between.
//! A killed worker leaves that line, and `snapstate` in the snapshot's section.

mod delete;
mod feature;
mod request;
mod rollback;
mod sections;
mod take;

pub(super) use delete::delete;
pub(super) use feature::mounts;
pub use feature::{allowed, section};
pub(super) use request::run;
pub use request::{SnapshotRequest, SnapshotWork};
pub(super) use sections::{add_unused, in_use};
pub(super) use take::take;

use spec::ids::Vmid;
use spec::pct::MountPoint;

use crate::error::Die;
use crate::state::{Node, VolumeFile};

/// What vzdump calls the snapshot that it works from. Of disks it has only those that are backed up.
pub(super) const VZDUMP: &str = "vzdump";

/// A disk of a snapshot: where its configuration names it, and the disk.
pub(super) type Disk = (String, VolumeFile);

/// The disks that the snapshot `name` has, or would have.
fn disks(node: &Node, name: &str, section: &spec::pct::Section) -> Result<Vec<Disk>, Die> {
    let found = mounts(section)?.into_iter().filter(|(key, mount)| has(name, key, mount));
    found
        .map(|(key, mount)| {
            let unable = || Die::text(format!("unable to parse volume ID '{}'", mount.volume()));
            Ok((key, node.storages().file(&mount.volid().ok_or_else(unable)?)?))
        })
        .collect()
}

/// Whether a snapshot has the disk of a mount.
fn has(name: &str, key: &str, mount: &MountPoint) -> bool {
    name != VZDUMP || key == "rootfs" || mount.backup()
}

/// Refuses names that mean something else.
pub fn refuse_reserved(name: &str) -> Result<(), Die> {
    if ["current", VZDUMP].contains(&name) {
        return Err(Die::text(format!("unable to use snapshot name '{name}' (reserved name)")));
    }
    Ok(())
}

/// Changes a snapshot's description.
pub fn describe(node: &Node, vmid: Vmid, name: &str, description: &str) -> Result<(), Die> {
    super::lock_line::change(node, vmid, &|_| (), |guest, conf| {
        guest.refuse_locked(&[])?;
        section(conf, Some(name))?;
        sections::of(conf, name).set_description(description);
        Ok(())
    })
}
