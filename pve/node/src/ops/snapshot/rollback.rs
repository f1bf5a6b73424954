//! Going back to a snapshot.

use spec::ids::Vmid;
use spec::pct::PctConf;

use super::{Disk, disks, section, sections};
use crate::containers::{image, lxc};
use crate::error::Die;
use crate::ops::power::{self, PowerRequest};
use crate::ops::{Job, Op, lock_line};
use crate::tasks::{self, TaskRequest};

/// Makes a guest what it was when the snapshot was taken. A running guest is ended; `start` starts it afterwards, by a
/// task of its own.
pub(super) fn roll_back(op: &Op<'_>, vmid: Vmid, name: &str, start: bool) -> Result<(), Die> {
    let disks = prepare(op, vmid, name)?;
    for (_, disk) in &disks {
        op.node.storages().roll_back(disk, name)?;
        image::forget_use(disk)?;
    }
    lock_line::change(op.node, vmid, &|text| op.line(text), |_, conf| {
        complete(conf, name)?;
        refuse_running(op, vmid)?;
        if conf.get("lock") != Some("rollback") {
            return Err(Die::text("got wrong lock"));
        }
        sections::go_back(conf, name)
    })?;
    if start {
        let job = Job::Power(PowerRequest::start(vmid));
        let start = TaskRequest { job, auth_id: op.auth_id.to_owned(), faults: op.node.faults.is_on() };
        tasks::start(op.node, &start)?;
    }
    Ok(())
}

fn prepare(op: &Op<'_>, vmid: Vmid, name: &str) -> Result<Vec<Disk>, Die> {
    lock_line::change(op.node, vmid, &|text| op.line(text), |guest, conf| {
        complete(conf, name)?;
        guest.refuse_locked(&[])?;
        if lxc::is_running(&op.node.layout, vmid) {
            power::kill(op, vmid)?;
        }
        refuse_running(op, vmid)?;
        let disks = disks(op.node, name, section(conf, Some(name))?)?;
        lock_line::write(conf, "rollback")?;
        Ok(disks)
    })
}

/// Refuses a snapshot that is not whole.
fn complete(conf: &PctConf, name: &str) -> Result<(), Die> {
    if conf.flag("template") {
        return Err(Die::text("you can't rollback if vm is a template"));
    }
    match section(conf, Some(name))?.get("snapstate") {
        Some(state) => Err(Die::text(format!("unable to rollback to incomplete snapshot (snapstate = {state})"))),
        None => Ok(()),
    }
}

fn refuse_running(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    if lxc::is_running(&op.node.layout, vmid) {
        return Err(Die::text(format!("unable to rollback vm {vmid}: vm is running")));
    }
    Ok(())
}
