//! A change goes into the draft, as waiting: what can never be is refused, values get the form that is kept.

use spec::ids::Vmid;
use spec::pct::{MountPoint, MountSource, Net};

use super::volumes::index_of;
use super::{Change, Draft};
use crate::containers::nic;
use crate::error::Die;
use crate::ops::new_guest::{items, tags};
use crate::state::Node;

/// Enters a change.
pub(super) fn enter(node: &Node, vmid: Vmid, draft: &mut Draft, change: &Change) -> Result<(), Die> {
    for key in &change.revert {
        draft.waiting.remove(key);
        draft.deletions.remove(key);
    }
    for key in &change.delete {
        if draft.get(key).is_some() || draft.waiting.contains_key(key) {
            refuse_deletion(vmid, draft, key)?;
            draft.deletions.insert(key.clone(), false);
        }
    }
    for (key, value) in &change.set {
        let value = kept_form(node, vmid, draft, key, value)?;
        draft.waiting.insert(key.clone(), value);
        draft.deletions.remove(key);
    }
    draft.drop_what_changes_nothing();
    Ok(())
}

fn refuse_deletion(vmid: Vmid, draft: &Draft, key: &str) -> Result<(), Die> {
    match key {
        "memory" | "rootfs" | "ostype" => Err(Die::text(format!("unable to delete required option '{key}'"))),
        "unprivileged" => Err(Die::text(format!("unable to delete read-only option: '{key}'"))),
        _ if ["mp", "unused"].iter().any(|family| index_of(family, key).is_some()) => {
            refuse_protected(draft, &format!("can't remove CT {vmid} drive '{key}'"))
        }
        _ => Ok(()),
    }
}

fn refuse_protected(draft: &Draft, what: &str) -> Result<(), Die> {
    if draft.now().flag("protection") { Err(Die::text(format!("{what} - protection mode enabled"))) } else { Ok(()) }
}

fn kept_form(node: &Node, vmid: Vmid, draft: &Draft, key: &str, value: &str) -> Result<String, Die> {
    match key {
        "unprivileged" => Err(Die::text(format!("unable to modify read-only option: '{key}'"))),
        "nameserver" | "searchdomain" => Ok(items(value).collect::<Vec<_>>().join(" ")),
        "tags" => Ok(tags(value)),
        "hookscript" => {
            let volid = value.parse().map_err(|_| Die::text(format!("unable to parse volume ID '{value}'")))?;
            node.storages().file(&volid)?.must_exist()?;
            Ok(value.to_owned())
        }
        "rootfs" => refuse_unfit_mount(node, vmid, draft, key, MountPoint::parse_rootfs(value), value),
        _ if index_of("mp", key).is_some() => refuse_unfit_mount(node, vmid, draft, key, value.parse(), value),
        _ if index_of("net", key).is_some() => refuse_unfit_nic(key, value),
        _ => Ok(value.to_owned()),
    }
}

fn refuse_unfit_mount(
    node: &Node,
    vmid: Vmid,
    draft: &Draft,
    key: &str,
    mount: Result<MountPoint, spec::pct::PropertyError>,
    value: &str,
) -> Result<String, Die> {
    refuse_protected(draft, &format!("can't update CT {vmid} drive '{key}'"))?;
    let mount = mount.map_err(|error| Die::text(error.pve_text()))?;
    if mount.source() == MountSource::Volume {
        let id = mount.volume().split_once(':').map_or("", |(id, _)| id);
        if !node.storages().get(id)?.holds("rootdir") {
            return Err(Die::text(format!("storage '{id}' does not allow content type 'rootdir' (Container)")));
        }
    }
    Ok(value.to_owned())
}

fn refuse_unfit_nic(key: &str, value: &str) -> Result<String, Die> {
    let net: Net = value.parse().map_err(|error: spec::pct::PropertyError| Die::text(error.pve_text()))?;
    if net.mtu().is_some() {
        nic::refuse_unfit_mtu(key, &net)?;
    }
    if !net.link_down() && net.get("host-managed") == Some("1") && net.get("ip6") == Some("auto") {
        let why = "SLAAC is not supported for host-managed network configuration.";
        return Err(Die::text(format!("{key}: {why}")));
    }
    Ok(value.to_owned())
}
