//! Volumes that a guest's configuration does not know, or knows with another size.

use pve_wire::api::Params;
use spec::ids::Vmid;
use spec::pct::{DiskSize, PctConf};

use super::mounts::hold;
use crate::cli::dispatch::{Failure, out};
use crate::cli::exit;
use crate::containers::mount;
use crate::error::Die;
use crate::state::{Node, VolumeRow};

/// Looks through the storages for one guest's volumes, or for everybody's.
pub(super) fn run(node: &Node, params: &Params) -> Result<u8, Failure> {
    let dry = params.flag("dryrun");
    if dry {
        out("NOTE: running in dry-run mode, won't write changes out!\n");
    }
    out("rescan volumes...\n");
    let guests = match params.vmid("vmid") {
        Some(vmid) => vec![vmid],
        None => node.guests().list()?,
    };
    guests.into_iter().try_for_each(|vmid| rescan(node, vmid, dry))?;
    Ok(exit::OK)
}

fn rescan(node: &Node, vmid: Vmid, dry: bool) -> Result<(), Die> {
    let _held = hold(node, vmid)?;
    let guest = node.guests().read(vmid)?;
    guest.refuse_locked(&[])?;
    let storages = node.storages();
    let volumes: Vec<VolumeRow> =
        storages.all().iter().flat_map(|storage| storages.content(storage, Some("rootdir"), Some(vmid))).collect();
    let mut conf = guest.conf.clone();
    let unused = add_unused(&mut conf, vmid, &volumes)?;
    let mut resized = false;
    for (key, mut volume) in mount::volumes(&guest)? {
        let found = volumes.iter().find(|row| row.volid == volume.volume());
        let Some(size) = found.map(|row| DiskSize::from_bytes(row.size)).filter(|size| volume.size() != Some(*size))
        else {
            continue;
        };
        out(&format!("CT {vmid}: updated volume size of '{}' in config.\n", volume.volume()));
        volume.set_size(size);
        conf.set(&key, &volume.to_string()).map_err(|error| Die::text(error.to_string()))?;
        resized = true;
    }
    if (unused || resized) && !dry { node.guests().write(vmid, &conf) } else { Ok(()) }
}

/// Volumes that nothing in the configuration names become `unusedN`.
fn add_unused(conf: &mut PctConf, vmid: Vmid, volumes: &[VolumeRow]) -> Result<bool, Die> {
    let text = conf.print();
    let named = |volid: &str| {
        let word = |c: char| c == ',' || c == ' ' || c == '=' || c == '\n';
        text.split(word).any(|part| part == volid)
    };
    let orphans: Vec<&VolumeRow> = volumes.iter().filter(|row| !named(&row.volid)).collect();
    for row in &orphans {
        let free = (0..256).map(|n| format!("unused{n}")).find(|key| conf.get(key).is_none());
        let key = free.ok_or_else(|| Die::text("Too many unused volumes - please delete them first."))?;
        conf.set(&key, &row.volid).map_err(|error| Die::text(error.to_string()))?;
        out(&format!("CT {vmid}: add unreferenced volume '{}' as '{key}' to config.\n", row.volid));
    }
    Ok(!orphans.is_empty())
}
