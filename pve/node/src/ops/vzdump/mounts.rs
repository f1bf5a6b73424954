//! Which of a guest's volumes go into its backup. Pure, but for what it tells the log.

use spec::pct::{MountPoint, MountSource};

use super::guest_log::GuestLog;
use crate::containers::mount;
use crate::error::Die;
use crate::state::GuestFile;

/// The decision.
pub(super) struct Plan {
    /// The guest with only the volumes that go in.
    pub(super) guest: GuestFile,
    /// Those volumes, the root file system first.
    pub(super) included: Vec<MountPoint>,
    /// Where the others are mounted in the guest.
    pub(super) excluded: Vec<String>,
}

/// Decides, and tells the log about each volume.
pub(super) fn plan(guest: &GuestFile, log: &GuestLog<'_>) -> Result<Plan, Die> {
    let mut plan = Plan { guest: guest.clone(), included: Vec::new(), excluded: Vec::new() };
    for (key, volume) in mount::volumes(guest)? {
        let mp = volume.mp().to_owned();
        match reason_to_exclude(&key, &volume) {
            None => {
                log.info(&format!("including mount point {key} ('{mp}') in backup"));
                plan.included.push(volume);
            }
            Some((kind, why)) => {
                log.info(&format!("excluding {kind} mount point {key} ('{mp}') from backup ({why})"));
                plan.guest.conf.remove(&key);
                plan.excluded.push(mp);
            }
        }
    }
    Ok(plan)
}

/// Why a volume stays out: what kind it is, and the reason.
fn reason_to_exclude(key: &str, volume: &MountPoint) -> Option<(&'static str, &'static str)> {
    match volume.source() {
        _ if key == "rootfs" => None,
        MountSource::Volume if volume.backup() => None,
        MountSource::Volume => Some(("volume", "disabled")),
        MountSource::Bind => Some(("bind", "not a volume")),
        MountSource::Device => Some(("device", "not a volume")),
    }
}
