//! What waits takes effect in a guest that does not run.

use std::collections::BTreeMap;

use spec::ids::Vmid;

use super::volumes::{free_unused, index_of, keep_unused, with_volume};
use super::{Change, Draft};
use crate::error::{Die, chain};
use crate::ops::new_guest::with_address;
use crate::state::Node;

/// Lets what waits hold: of a change only its own keys, without one everything. Returns what failed, by key; that still
/// waits.
pub(super) fn settle(node: &Node, vmid: Vmid, draft: &mut Draft, change: Option<&Change>) -> BTreeMap<String, String> {
    let wanted = |key: &String| change.is_none_or(|change| change.touches(key));
    let mut errors = BTreeMap::new();
    let mut failed = |key: &str, error: &Die| {
        errors.insert(key.to_owned(), format!("unable to apply pending change {key} : {}\n", chain(error)));
    };
    let deletions: Vec<String> = draft.deletions.keys().filter(|key| wanted(key)).cloned().collect();
    for key in deletions {
        match delete(node, vmid, draft, &key) {
            Ok(()) => drop(draft.deletions.remove(&key)),
            Err(error) => failed(&key, &error),
        }
    }
    draft.drop_what_changes_nothing();
    let waiting: Vec<String> = draft.waiting.keys().filter(|key| wanted(key)).cloned().collect();
    for key in waiting {
        let value = draft.waiting.get(&key).cloned().unwrap_or_default();
        match set(node, vmid, draft, &key, &value) {
            Ok(()) => drop(draft.waiting.remove(&key)),
            Err(error) => failed(&key, &error),
        }
    }
    errors
}

fn delete(node: &Node, vmid: Vmid, draft: &mut Draft, key: &str) -> Result<(), Die> {
    let old = draft.get(key).unwrap_or_default().to_owned();
    if index_of("mp", key).is_some() {
        keep_unused(draft, &old)?;
    } else if index_of("unused", key).is_some() {
        free_unused(node, vmid, draft, &old)?;
    }
    draft.remove(key);
    Ok(())
}

fn set(node: &Node, vmid: Vmid, draft: &mut Draft, key: &str, value: &str) -> Result<(), Die> {
    if index_of("net", key).is_some() {
        return draft.set(key, &with_address(value)?);
    }
    if index_of("mp", key).is_none() {
        return draft.set(key, value);
    }
    let (mount, _) = with_volume(node, vmid, draft, value)?;
    if let Some(old) = draft.get(key).map(str::to_owned).filter(|old| volume_of(old) != mount.volume()) {
        keep_unused(draft, &old)?;
    }
    draft.set(key, &mount.to_string())
}

fn volume_of(text: &str) -> &str {
    text.split(',').next().unwrap_or_default().trim_start_matches("volume=")
}

/// What waited for the guest's end or start takes effect; what fails is told to `line` and waits on.
pub fn apply_waiting(node: &Node, vmid: Vmid, line: &dyn Fn(&str)) -> Result<(), Die> {
    let guest = node.guests().read(vmid)?;
    let mut draft = Draft::of(&guest.conf);
    if draft.is_settled() {
        return Ok(());
    }
    for why in settle(node, vmid, &mut draft, None).values() {
        line(why.trim_end());
    }
    node.guests().write(vmid, &draft.finish()?)
}
