//! What waits takes effect in a guest that runs, as far as that can be. Everything else waits on.

use std::collections::BTreeMap;
use std::path::PathBuf;

use spec::ids::Vmid;
use spec::pct::Net;

use super::volumes::{free_unused, index_of, with_volume};
use super::{Change, Draft};
use crate::containers::limits::Limits;
use crate::containers::nic::{self, Running};
use crate::containers::{hot_mount, lxc};
use crate::error::{Die, chain};
use crate::ops::new_guest::with_address;
use crate::setup::{Around, Say, Setup};
use crate::state::Node;

/// Keys whose change asks nothing of a running guest.
const FAST: &[&str] =
    &["description", "onboot", "startup", "protection", "hostname", "hookscript", "cores", "tags", "lock"];

/// Whether a change took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Now,
    Later,
}

/// Lets a change's keys hold in a running guest. Returns what failed, by key.
pub(super) fn settle(
    node: &Node,
    vmid: Vmid,
    draft: &mut Draft,
    change: &Change,
) -> Result<BTreeMap<String, String>, Die> {
    let init = lxc::init_pid(&node.layout, vmid).ok_or(Die::NotRunning { vmid })?;
    let guest = Running { node, vmid, init };
    let mut errors = BTreeMap::new();
    let mut failed = |key: &str, error: &Die| {
        errors.insert(key.to_owned(), format!("unable to hotplug {key}: {}\n", chain(error)));
    };
    let deletions: Vec<String> = draft.deletions.keys().filter(|key| change.touches(key)).cloned().collect();
    for key in deletions {
        match delete(guest, draft, &key) {
            Ok(Effect::Now) => {
                draft.remove(&key);
                draft.deletions.remove(&key);
            }
            Ok(Effect::Later) => (),
            Err(error) => failed(&key, &error),
        }
    }
    let waiting: Vec<String> = draft.waiting.keys().filter(|key| change.touches(key)).cloned().collect();
    for key in waiting {
        let value = draft.waiting.get(&key).cloned().unwrap_or_default();
        match set(guest, draft, &key, &value) {
            Ok(Effect::Now) => drop(draft.waiting.remove(&key)),
            Ok(Effect::Later) => (),
            Err(error) => failed(&key, &error),
        }
    }
    Ok(errors)
}

fn delete(guest: Running<'_>, draft: &Draft, key: &str) -> Result<Effect, Die> {
    let limits = || Limits::of(guest.init);
    match key {
        "swap" => limits()?.memory(None, Some(0))?,
        "cpulimit" => limits()?.cpus(None)?,
        "cpuunits" => limits()?.weight(None)?,
        _ if FAST.contains(&key) => (),
        _ if index_of("unused", key).is_some() => {
            free_unused(guest.node, guest.vmid, draft, draft.get(key).unwrap_or_default())?;
        }
        // Proxmox's own limit: a NIC of two digits is not unplugged from a running guest.
        _ => match index_of("net", key).filter(|index| *index < 10) {
            Some(index) => nic::unplug(guest.node, guest.vmid, index),
            None => return Ok(Effect::Later),
        },
    }
    Ok(Effect::Now)
}

fn set(guest: Running<'_>, draft: &mut Draft, key: &str, value: &str) -> Result<Effect, Die> {
    let limits = || Limits::of(guest.init);
    match key {
        "memory" => limits()?.memory(mebibytes(value), None)?,
        "swap" => limits()?.memory(None, mebibytes(value))?,
        "cpulimit" => limits()?.cpus(hundredths(value))?,
        "cpuunits" => limits()?.weight(value.parse().ok())?,
        _ if FAST.contains(&key) => (),
        _ if index_of("net", key).is_some() => return set_nic(guest, draft, key, value),
        _ if index_of("mp", key).is_some() && draft.get(key).is_none() => return set_mount(guest, draft, key, value),
        _ => return Ok(Effect::Later),
    }
    draft.set(key, value)?;
    Ok(Effect::Now)
}

fn mebibytes(value: &str) -> Option<u64> {
    Some(value.parse::<u64>().ok()? << 20)
}

/// `1.5` → 150.
fn hundredths(value: &str) -> Option<u64> {
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let part: String = part.chars().chain("00".chars()).take(2).collect();
    Some(whole.parse::<u64>().ok()? * 100 + part.parse::<u64>().ok()?)
}

fn set_nic(guest: Running<'_>, draft: &mut Draft, key: &str, value: &str) -> Result<Effect, Die> {
    let Some(index) = index_of("net", key) else { return Ok(Effect::Later) };
    let value = with_address(value)?;
    let read = |text: &str| text.parse::<Net>().map_err(|error| Die::text(error.pve_text()));
    let old = draft.get(key).and_then(|text| read(text).ok());
    nic::change(guest, index, old.as_ref(), &read(&value)?)?;
    draft.set(key, &value)?;
    let root = PathBuf::from(format!("/proc/{}/root", guest.init));
    Setup::open(&root, draft.now(), &Around::of(guest.node), &Unheard)?.after_network_change()?;
    Ok(Effect::Now)
}

/// A call has no log: what the work on the guest's files has to tell is told at its next start.
struct Unheard;

impl Say for Unheard {
    fn line(&self, _text: &str) {}

    fn warn(&self, _text: &str) {}
}

/// A new mount point; the volume that was made for it goes again where it cannot be mounted.
fn set_mount(guest: Running<'_>, draft: &mut Draft, key: &str, value: &str) -> Result<Effect, Die> {
    let (mount, made) = with_volume(guest.node, guest.vmid, draft, value)?;
    if let Err(error) = hot_mount::plug(guest, key, &mount, draft.now().flag("unprivileged")) {
        if let Some(file) = made {
            guest.node.storages().free(&file)?;
        }
        return Err(error);
    }
    draft.set(key, &mount.to_string())?;
    Ok(Effect::Now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_proxmox_writes_them() {
        assert_eq!((hundredths("1.5"), hundredths("2"), hundredths("0.125")), (Some(150), Some(200), Some(12)));
        assert_eq!((mebibytes("64"), mebibytes("x")), (Some(64 << 20), None));
    }
}
