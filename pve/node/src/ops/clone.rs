//! Making a guest from another one: a full copy with addresses of its own.

use std::fs;

use serde::{Deserialize, Serialize};
use spec::ids::{Hostname, Vmid};
use spec::pct::{MountSource, PctConf, SectionName};

use super::Op;
use crate::containers::{lxc, mount};
use crate::error::Die;
use crate::exec::Program;
use crate::setup::{Around, Setup};
use crate::state::{GuestFile, Node, VolumeFile, locks};

/// What is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CloneRequest {
    /// The guest that is copied.
    pub vmid: Vmid,
    /// The guest to be.
    pub newid: Vmid,
    /// Its name; the copied one's where none is given.
    pub hostname: Option<Hostname>,
    /// Its description.
    pub description: Option<String>,
}

/// Looks whether the guest may be copied, and reserves the new number.
pub fn admit(node: &Node, request: &CloneRequest) -> Result<(), Die> {
    let guest = node.guests().read(request.vmid)?;
    guest.refuse_locked(&[])?;
    if lxc::is_running(&node.layout, request.vmid) {
        return Err(Die::text("Full clone of a running container is only possible from a snapshot"));
    }
    let _lock = locks::acquire(&node.layout.lock(request.newid), locks::CREATE_PATIENCE, &|_| ())?;
    node.guests().refuse_taken(request.newid)?;
    node.guests().write(request.newid, &PctConf::parse("lock: create\n"))
}

/// The work. Whatever was made is taken back when it fails.
pub(super) fn run(op: &Op<'_>, request: &CloneRequest) -> Result<(), Die> {
    let _locks = (op.lock(request.vmid)?, op.lock(request.newid)?);
    let mut made = Vec::new();
    copy(op, request, &mut made).inspect_err(|_| {
        for file in &made {
            let _ = op.node.storages().free(file);
        }
        let _ = op.node.guests().remove(request.newid);
    })
}

fn copy(op: &Op<'_>, request: &CloneRequest, made: &mut Vec<VolumeFile>) -> Result<(), Die> {
    let source = op.unlocked(request.vmid, &[])?;
    let mut conf = source.conf.clone();
    for key in ["template", "parent", "lock"] {
        conf.remove(key);
    }
    conf.remove_section(&SectionName::Pending);
    let names: Vec<String> = conf.snapshots().keys().map(|name| (*name).to_owned()).collect();
    for name in names {
        conf.remove_section(&SectionName::Snapshot(name));
    }
    let unused: Vec<u8> = conf.current().unused().iter().map(|(index, _)| *index).collect();
    for index in unused {
        conf.remove(&format!("unused{index}"));
    }
    for (key, mut volume) in mount::volumes(&source)? {
        let Some(volid) = volume.volid().filter(|_| volume.source() == MountSource::Volume) else {
            return Err(Die::text(format!("unable to clone mount point '{key}' (type bind)")));
        };
        let from = op.node.storages().file(&volid)?;
        let to = op.node.storages().next_disk(&op.node.storages().usable(volid.storage.as_str())?, request.newid)?;
        op.line(&format!("create full clone of mount point {key} ({volid})"));
        made.push(to.clone());
        Program::new("cp").args(["--sparse=always", "--"]).arg(&from.path).arg(&to.path).read()?;
        volume.set_volume(&to.volid.to_string()).map_err(|error| Die::text(error.pve_text()))?;
        conf.set(&key, &volume.to_string()).map_err(|error| Die::text(error.to_string()))?;
    }
    for (index, mut net) in conf.nets().map_err(|error| Die::text(error.pve_text()))? {
        net.remove("hwaddr");
        super::new_guest::set(&mut conf, &format!("net{index}"), &net.to_string())?;
    }
    if let Some(hostname) = &request.hostname {
        super::new_guest::set(&mut conf, "hostname", hostname.as_str())?;
    }
    if let Some(description) = &request.description {
        conf.set_description(description);
    }
    set_up(op, request.newid, &conf)?;
    op.node.guests().write(request.newid, &conf)
}

/// The copy's tree must not say that it is the guest it was copied from.
fn set_up(op: &Op<'_>, vmid: Vmid, conf: &PctConf) -> Result<(), Die> {
    let guest = GuestFile { conf: conf.clone(), digest: String::new() };
    let mounted = mount::mount_guest(op.node, vmid, &guest, false)?;
    // The tree is closed again before the file system is released: an open one would keep it busy.
    Setup::open(mounted.root(), conf, &Around::of(op.node), op.log)?.after_clone()?;
    mounted.release()?;
    let _ = fs::remove_dir(op.node.layout.rootfs(vmid));
    Ok(())
}
