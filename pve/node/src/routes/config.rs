//! A guest's configuration: read, change, what is pending.

use std::collections::BTreeMap;

use pve_wire::api::ParamErrors;
use pve_wire::{GuestConfig, typed_value};

use serde_json::{Value, json};
use spec::pct::Section;

use super::permit::Permit;
use crate::api::{Answer, ApiError, Call};
use crate::ops::{self, Change, Touched, read_deletions};
use crate::state::GuestFile;

/// A guest's keys and values: as they are now, or, unless `current`, as they will be after the next start.
pub fn config_values(guest: &GuestFile, current: bool) -> BTreeMap<String, String> {
    let mut values = section_values(guest.conf.current());
    if let Some(pending) = guest.conf.pending().filter(|_| !current) {
        let mut waiting = section_values(pending);
        let deleted = read_deletions(&waiting.remove("delete").unwrap_or_default());
        values.extend(waiting);
        // Proxmox leaves out what is true; what is 0 stays.
        values.retain(|key, value| !deleted.contains_key(key) || value == "0");
    }
    values
}

pub(super) fn section_values(section: &Section) -> BTreeMap<String, String> {
    let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    let mut values: BTreeMap<String, String> = section.entries().map(owned).collect();
    values.extend(section.description().map(|text| ("description".to_owned(), text.to_owned())));
    values
}

pub(super) fn get(call: &Call) -> Result<Answer, ApiError> {
    let vmid = call.vmid()?;
    let (snapshot, current) = (call.params.get("snapshot"), call.params.flag("current"));
    if snapshot.is_some() && current {
        let why = "cannot use 'snapshot' parameter with 'current'".to_owned();
        return Err(ParamErrors::from(["snapshot", "current"].map(|name| (name.to_owned(), why.clone()))).into());
    }
    let guest = call.node.guests().read(vmid)?;
    let snapshots = guest.conf.snapshots();
    let (mut values, raw) = match snapshot {
        None => (config_values(&guest, current), guest.conf.raw_lxc()),
        Some(name) => {
            let missing = || ApiError::new(500, format!("snapshot '{name}' does not exist"));
            let section = snapshots.get(name).ok_or_else(missing)?;
            (section_values(section), section.raw_lxc())
        }
    };
    if !call.who.has(&format!("/vms/{vmid}"), "VM.Config.Options") {
        values.remove("env");
    }
    let lxc = raw.iter().map(|raw| (raw.key.clone(), raw.value.clone())).collect();
    Answer::of(&GuestConfig { digest: guest.digest.clone(), values, lxc })
}

/// Row by row what holds, what waits, what will be deleted; the digest has a row, too.
pub(super) fn pending(call: &Call) -> Result<Answer, ApiError> {
    let vmid = call.vmid()?;
    let guest = call.node.guests().read(vmid)?;
    let mut now = section_values(guest.conf.current());
    now.insert("digest".to_owned(), guest.digest.clone());
    let mut waiting = guest.conf.pending().map(section_values).unwrap_or_default();
    let mut deleted = read_deletions(&waiting.remove("delete").unwrap_or_default());
    if !call.who.has(&format!("/vms/{vmid}"), "VM.Config.Options") {
        now.remove("env");
        waiting.remove("env");
    }
    let mut rows: Vec<Value> = Vec::new();
    for (key, value) in &now {
        let mut row = json!({"key": key, "value": typed_value(key, value)});
        if let Some(later) = waiting.remove(key) {
            row["pending"] = typed_value(key, &later);
        }
        if let Some(forced) = deleted.remove(key) {
            row["delete"] = json!(1 + u8::from(forced));
        }
        rows.push(row);
    }
    rows.extend(waiting.iter().map(|(key, later)| json!({"key": key, "pending": typed_value(key, later)})));
    rows.extend(deleted.iter().map(|(key, forced)| json!({"key": key, "delete": 1 + u8::from(*forced)})));
    Answer::of(&rows)
}

pub(super) fn put(call: &Call) -> Result<Answer, ApiError> {
    let vmid = call.vmid()?;
    let nothing = ["node", "vmid", "digest"];
    if call.params.keys().all(|key| nothing.contains(&key)) {
        return Err(ApiError::new(500, "no options specified"));
    }
    let change = Change { by_hand: call.by_hand, ..Change::new(&call.params) };
    let may = |guest: &GuestFile, touched: Touched<'_>| {
        Permit { call, vmid, old: Some(guest), unprivileged: guest.unprivileged() }.check(touched)
    };
    ops::apply_config(&call.node, vmid, &change, &may)?;
    Ok(Answer::null())
}

#[cfg(test)]
mod tests {
    use super::*;
    use spec::pct::PctConf;

    #[test]
    fn what_waits_is_shown_unless_one_asks_for_now() {
        let text = "hostname: a\nonboot: 0\ntty: 1\n\n[pve:pending]\ndelete: onboot,!tty\nfeatures: nesting=1\n";
        let guest = GuestFile { conf: PctConf::parse(text), digest: String::new() };
        let keys = |current: bool| config_values(&guest, current).into_keys().collect::<Vec<_>>();
        assert_eq!(keys(false), ["features", "hostname", "onboot"]);
        assert_eq!(keys(true), ["hostname", "onboot", "tty"]);
    }
}
