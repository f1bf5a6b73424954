//! A new guest's configuration: the archived one and the caller's parameters, merged. Pure but for drawing MACs.

use std::collections::{BTreeMap, BTreeSet};

use spec::ids::{MacAddr, Vmid};
use spec::pct::{Net, PctConf, RawLxc};

use crate::error::Die;

/// What is merged.
pub(super) struct Merge<'a> {
    /// What the caller gave; wins over the archive.
    pub(super) given: &'a BTreeMap<String, String>,
    /// The archived configuration; none for a create.
    pub(super) archived: Option<&'a PctConf>,
    /// The volumes that were made: key and value.
    pub(super) volumes: &'a [(String, String)],
    /// Whether the guest's root is an ordinary user of the host.
    pub(super) unprivileged: bool,
    /// Whether archived NICs get new addresses, whatever the caller gave for them.
    pub(super) unique: bool,
    /// Whether `root@pam` asks.
    pub(super) is_root: bool,
}

/// What a merge has to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remark {
    /// The task counts it.
    Warning(String),
    /// It only stands in the log.
    Line(String),
}

/// Keys of an archive that are handled elsewhere or must not come along.
const NEVER: &[&str] = &["digest", "rootfs", "snapshots", "parent", "template", "unprivileged"];

fn never_merged(key: &str) -> bool {
    NEVER.contains(&key) || number("mp", key).is_some() || number("unused", key).is_some()
}

/// Whether a key is `rootfs` or `mpN`.
pub(super) fn is_mount(key: &str) -> bool {
    key == "rootfs" || number("mp", key).is_some()
}

/// The number of a key of a numbered family.
pub(super) fn number(family: &str, key: &str) -> Option<u32> {
    key.strip_prefix(family)?.parse().ok()
}

/// The merged configuration, and what there is to tell about it.
pub(super) fn merge(parts: &Merge<'_>) -> Result<(PctConf, Vec<Remark>), Die> {
    let mut conf = PctConf::parse("");
    let mut remarks = Vec::new();
    let taken = |key: &str| parts.archived.is_some_and(|archived| archived.get(key).is_some());
    for (key, value) in parts.given.iter().filter(|(key, _)| *key == "template" || !never_merged(key)) {
        if !(parts.unique && number("net", key).is_some() && taken(key)) {
            set(&mut conf, key, value)?;
        }
    }
    parts.volumes.iter().try_for_each(|(key, value)| set(&mut conf, key, value))?;
    if parts.unprivileged {
        set(&mut conf, "unprivileged", "1")?;
    }
    if let Some(archived) = parts.archived {
        take_raw(&mut conf, parts, archived.raw_lxc(), &mut remarks);
        take_archived(&mut conf, parts, archived, &mut remarks)?;
    }
    Ok((conf, remarks))
}

/// Raw lines reach past everything that the node checks: they come along for root alone.
fn take_raw(conf: &mut PctConf, parts: &Merge<'_>, raw: &[RawLxc], remarks: &mut Vec<Remark>) {
    if raw.is_empty() {
        return;
    }
    let lines: String = raw.iter().flat_map(|line| [line.key.as_str(), ": ", line.value.as_str(), "\n"]).collect();
    if parts.is_root {
        *conf = PctConf::parse(&(conf.canonical() + &lines));
    } else {
        let rule = "--------------------------------";
        let text = format!("skipping custom lxc options, restore manually as root:\n{rule}\n{lines}{rule}");
        remarks.push(Remark::Warning(text));
    }
}

fn take_archived(
    conf: &mut PctConf,
    parts: &Merge<'_>,
    archived: &PctConf,
    remarks: &mut Vec<Remark>,
) -> Result<(), Die> {
    if let Some(description) = archived.description().filter(|_| !parts.given.contains_key("description")) {
        conf.set_description(description);
    }
    let to_privileged = archived.flag("unprivileged") && !parts.unprivileged && !parts.is_root;
    for (key, value) in archived.current().entries().filter(|(key, _)| !never_merged(key)) {
        if key == "features" && to_privileged {
            remarks.push(Remark::Line("changing from unprivileged to privileged, skipping features".to_owned()));
        } else if number("net", key).is_some() && parts.unique {
            set(conf, key, &with_new_address(value)?)?;
        } else if !parts.given.contains_key(key) {
            // Kept verbatim, even where Proxmox cannot read it: its own parser warns and keeps it too.
            conf.current_mut().set(key, value).map_err(|error| Die::text(error.to_string()))?;
        }
    }
    Ok(())
}

/// What every guest has in the end, whoever said nothing about it.
pub(super) fn complete(conf: &mut PctConf, vmid: Vmid) -> Result<(), Die> {
    let name = format!("CT{vmid}");
    for (key, value) in [("hostname", name.as_str()), ("memory", "512"), ("swap", "512")] {
        if conf.get(key).is_none() {
            set(conf, key, value)?;
        }
    }
    Ok(())
}

/// Sets a key to a caller's value in the form in which Proxmox keeps it.
pub(in crate::ops) fn set(conf: &mut PctConf, key: &str, value: &str) -> Result<(), Die> {
    if key == "description" {
        conf.set_description(value);
        return Ok(());
    }
    let value = match key {
        "tags" => tags(value),
        "nameserver" | "searchdomain" => items(value).collect::<Vec<_>>().join(" "),
        _ if number("net", key).is_some() => with_address(value)?,
        _ => value.to_owned(),
    };
    if value.is_empty() {
        conf.remove(key);
        return Ok(());
    }
    conf.current_mut().set(key, &value).map_err(|error| Die::text(error.to_string()))
}

/// The items of a list, however it is written.
pub(in crate::ops) fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ';', ' ', '\t', '\n', '\0']).filter(|item| !item.is_empty())
}

/// Tags are kept in lower case, each once, sorted.
pub(in crate::ops) fn tags(list: &str) -> String {
    let unique: BTreeSet<String> = items(list).map(str::to_lowercase).collect();
    unique.into_iter().collect::<Vec<_>>().join(";")
}

/// A NIC as Proxmox keeps it: with a hardware address, and of type `veth`.
pub(in crate::ops) fn with_address(text: &str) -> Result<String, Die> {
    let mut net = parse(text)?;
    if net.get("hwaddr").is_none() {
        net.set_hwaddr(draw()?);
    }
    net.set("type", "veth").map_err(|error| Die::text(error.pve_text()))?;
    Ok(net.to_string())
}

/// The archived NIC with another address.
fn with_new_address(text: &str) -> Result<String, Die> {
    let mut net = parse(text)?;
    net.remove("hwaddr");
    with_address(&net.to_string())
}

fn parse(text: &str) -> Result<Net, Die> {
    text.parse::<Net>().map_err(|error| Die::text(error.pve_text().trim_end().replace('\n', " ")))
}

/// A random address in Proxmox's own prefix.
fn draw() -> Result<MacAddr, Die> {
    let rest = rand::random::<[u8; 3]>();
    MacAddr::from_prefix(MacAddr::DEFAULT_PREFIX, rest).ok_or_else(|| Die::text("mac_prefix is no unicast prefix"))
}

#[cfg(test)]
mod tests;
