//! Taking a snapshot.

use std::time::{SystemTime, UNIX_EPOCH};

use spec::ids::Vmid;

use super::{Disk, delete, disks, has, sections};
use crate::containers::{freeze, lxc};
use crate::error::{Die, chain};
use crate::ops::{Op, lock_line};
use crate::state::DiskFeature;

/// Takes a snapshot. A running guest stands still meanwhile, what it has written being on its disks.
pub(in crate::ops) fn take(op: &Op<'_>, vmid: Vmid, name: &str, comment: Option<&str>) -> Result<(), Die> {
    let disks = prepare(op, vmid, name, comment)?;
    let running = lxc::is_running(&op.node.layout, vmid);
    let mut taken = Vec::new();
    let frozen = if running { freeze::freeze(op.node, vmid) } else { Ok(()) };
    let result = frozen.and_then(|()| {
        disks.iter().try_for_each(|(key, disk)| {
            op.node.storages().snapshot(disk, name)?;
            taken.push(key.clone());
            Ok(())
        })
    });
    if running && let Err(error) = freeze::thaw(op.node, vmid) {
        op.line(&chain(&error));
    }
    if let Err(error) = result {
        op.line("snapshot create failed: starting cleanup");
        delete::take_back(op, vmid, name, &taken).unwrap_or_else(|error| op.line(&chain(&error)));
        return Err(error);
    }
    lock_line::change(op.node, vmid, &|text| op.line(text), |_, conf| sections::commit(conf, name))
}

fn prepare(op: &Op<'_>, vmid: Vmid, name: &str, comment: Option<&str>) -> Result<Vec<Disk>, Die> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    lock_line::change(op.node, vmid, &|text| op.line(text), |guest, conf| {
        if guest.conf.flag("template") {
            return Err(Die::text("you can't take a snapshot if it's a template"));
        }
        guest.refuse_locked(&[])?;
        if guest.conf.snapshots().contains_key(name) {
            return Err(Die::text(format!("snapshot name '{name}' already used")));
        }
        let counts = |key: &str, mount: &_| has(name, key, mount);
        if !super::allowed(op.node, guest.conf.current(), DiskFeature::Snapshot, false, counts)? {
            return Err(Die::text("snapshot feature is not available"));
        }
        sections::begin(conf, name, comment, i64::try_from(now).unwrap_or_default())?;
        lock_line::write(conf, "snapshot")?;
        disks(op.node, name, guest.conf.current())
    })
}
