//! Letting a snapshot go.

use spec::ids::Vmid;
use spec::pct::PctConf;

use super::{Disk, disks, section, sections};
use crate::error::{Die, chain};
use crate::ops::{Op, lock_line};

/// Removes a snapshot. With `force` its section goes even where its disks' snapshots do not.
pub(in crate::ops) fn delete(op: &Op<'_>, vmid: Vmid, name: &str, force: bool) -> Result<(), Die> {
    section(&op.node.guests().read(vmid)?.conf, Some(name))?;
    lock_line::set(op.node, vmid, "snapshot-delete", &|text| op.line(text))?;
    Deletion { op, vmid, name, force, lock: "snapshot-delete" }.run(|_| true)
}

/// Removes what there is of a snapshot that could not be taken.
pub(super) fn take_back(op: &Op<'_>, vmid: Vmid, name: &str, taken: &[String]) -> Result<(), Die> {
    Deletion { op, vmid, name, force: true, lock: "snapshot" }.run(|key| taken.iter().any(|taken| taken == key))
}

struct Deletion<'a> {
    op: &'a Op<'a>,
    vmid: Vmid,
    name: &'a str,
    force: bool,
    /// The line that keeps others away.
    lock: &'static str,
}

impl Deletion<'_> {
    fn run(&self, is_taken: impl Fn(&str) -> bool) -> Result<(), Die> {
        let disks = self.begin()?;
        let mut volumes = Vec::new();
        for (key, disk) in disks {
            if is_taken(&key) {
                match self.op.node.storages().delete_snapshot(&disk, self.name) {
                    Ok(()) => volumes.push(disk.volid.to_string()),
                    Err(error) if self.force => self.op.line(&chain(&error)),
                    Err(error) => return Err(error),
                }
            }
            if !self.force {
                self.change(|conf| sections::forget_disk(conf, self.name, &key))?;
            }
        }
        self.change(|conf| sections::forget(conf, self.name, &volumes))
    }

    fn begin(&self) -> Result<Vec<Disk>, Die> {
        self.change(|conf| {
            if conf.flag("template") {
                return Err(Die::text("you can't delete a snapshot if vm is a template"));
            }
            let disks = disks(self.op.node, self.name, section(conf, Some(self.name))?)?;
            let state = sections::of(conf, self.name).set("snapstate", "delete");
            state.map_err(|error| Die::text(error.to_string()))?;
            Ok(disks)
        })
    }

    fn change<T>(&self, work: impl FnOnce(&mut PctConf) -> Result<T, Die>) -> Result<T, Die> {
        lock_line::change(self.op.node, self.vmid, &|text| self.op.line(text), |guest, conf| {
            if guest.conf.get("lock") != Some(self.lock) {
                return Err(Die::text(format!("encountered invalid lock, expected '{}'", self.lock)));
            }
            work(conf)
        })
    }
}
