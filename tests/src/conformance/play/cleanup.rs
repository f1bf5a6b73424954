//! The removal of everything that a scenario made, through the API as far as it goes.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::conformance::target::{Request, Target, escaped};
use crate::lab::until;

/// A guest's end takes seconds.
const PATIENCE: Duration = Duration::from_mins(2);

/// Calls that make something which is removed by `DELETE` of the same path and the name in this parameter.
const MAKERS: &[(&str, &str)] = &[
    ("/access/users", "userid"),
    ("/access/groups", "groupid"),
    ("/access/roles", "roleid"),
    ("/pools", "poolid"),
    ("/storage", "storage"),
];

/// What was made beside guests and archives.
#[derive(Debug, Default)]
pub(crate) struct Leftovers {
    paths: Vec<String>,
}

impl Leftovers {
    /// Remembers what a successful call made.
    pub(crate) fn remember(&mut self, request: &Request) {
        let maker = MAKERS.iter().find(|(path, _)| request.method == "POST" && request.path == *path);
        let named = maker.and_then(|(path, name)| {
            let (_, value) = request.params.iter().find(|(key, _)| key == name)?;
            Some(format!("{path}/{}", escaped(value)))
        });
        self.paths.extend(named);
    }

    /// Remembers what is removed by `DELETE` of that path.
    pub(crate) fn add(&mut self, path: String) {
        self.paths.push(path);
    }

    /// Removes all, guests of the range first; answers what could not be removed.
    pub(crate) fn remove(&mut self, target: &Target<'_>) -> Vec<String> {
        let mut troubles = Vec::new();
        for remove in [guests, volumes] {
            troubles.extend(remove(target).unwrap_or_else(|error| vec![format!("{error:#}")]));
        }
        while let Some(path) = self.paths.pop() {
            // A scenario may have removed it itself: what counts is that it is gone.
            if target.data("DELETE", &path).is_err() && target.data("GET", &path).is_ok() {
                troubles.push(format!("{path} is left"));
            }
        }
        troubles
    }
}

/// Refuses to begin where somebody's guests are.
pub(crate) fn nothing_in_range(target: &Target<'_>) -> Result<()> {
    let taken = in_range(target, &target.data("GET", "/cluster/resources?type=vm")?);
    ensure!(taken.is_empty(), "guests {taken:?} are in the range VMIDS: name another one");
    Ok(())
}

fn in_range(target: &Target<'_>, rows: &Value) -> Vec<u64> {
    let vmids = rows.as_array().into_iter().flatten().filter_map(|row| number(&row["vmid"]));
    vmids.filter(|vmid| target.vmids.contains(*vmid)).collect()
}

/// Proxmox writes VMIDs now as numbers, now as strings.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn guests(target: &Target<'_>) -> Result<Vec<String>> {
    let node = &target.names["node"];
    let ours = in_range(target, &target.data("GET", &format!("/nodes/{node}/lxc"))?);
    let removed = ours.into_iter().map(|vmid| (vmid, guest(target, vmid)));
    Ok(removed.filter_map(|(vmid, done)| Some(format!("guest {vmid}: {:#}", done.err()?))).collect())
}

/// Removes one guest if it is there, when nothing works on it any more.
pub(super) fn fresh(target: &Target<'_>, vmid: &str) -> Result<()> {
    let node = &target.names["node"];
    until("the guest's tasks to end", PATIENCE, || {
        match target.data("GET", &format!("/nodes/{node}/tasks?source=active&vmid={vmid}")) {
            Ok(tasks) if tasks.as_array().is_none_or(Vec::is_empty) => Ok(()),
            Ok(tasks) => Err(tasks.to_string()),
            Err(error) => Err(format!("{error:#}")),
        }
    })?;
    let guests = in_range(target, &target.data("GET", &format!("/nodes/{node}/lxc"))?);
    match vmid.parse() {
        Ok(vmid) if guests.contains(&vmid) => guest(target, vmid),
        _ => Ok(()),
    }
}

fn guest(target: &Target<'_>, vmid: u64) -> Result<()> {
    let guest = format!("/nodes/{}/lxc/{vmid}", target.names["node"]);
    let config = target.data("GET", &format!("{guest}/config"))?;
    if config["protection"] == 1 {
        target.data("PUT", &format!("{guest}/config?protection=0"))?;
    }
    if let (Some(shell), false) = (target.shell, config["lock"].is_null()) {
        shell.tool(&["pct", "unlock", &vmid.to_string()].map(str::to_owned))?;
    }
    let upid = target.data("DELETE", &format!("{guest}?force=1&purge=1"))?;
    ended(target, upid.as_str().context("a UPID")?)
}

fn ended(target: &Target<'_>, upid: &str) -> Result<()> {
    let path = format!("/nodes/{}/tasks/{}/status", target.names["node"], escaped(upid));
    let status = until("a task's end", PATIENCE, || match target.data("GET", &path) {
        Ok(status) if status["status"] == "stopped" => Ok(status),
        Ok(status) => Err(status.to_string()),
        Err(error) => Err(format!("{error:#}")),
    })?;
    let exit = status["exitstatus"].as_str().unwrap_or_default();
    ensure!(exit == "OK" || exit.starts_with("WARNINGS"), "the task ended: {exit}");
    Ok(())
}

/// Archives of our guests, and disks that lost theirs.
fn volumes(target: &Target<'_>) -> Result<Vec<String>> {
    let mut troubles = Vec::new();
    for storage in ["storage", "storage2", "btrfs"].iter().filter_map(|name| target.names.get(*name)) {
        let content = format!("/nodes/{}/storage/{storage}/content", target.names["node"]);
        let rows = target.data("GET", &content)?;
        let ours = rows.as_array().into_iter().flatten();
        for row in ours.filter(|row| number(&row["vmid"]).is_some_and(|vmid| target.vmids.contains(vmid))) {
            let volid = row["volid"].as_str().unwrap_or_default();
            if let Err(error) = volume(target, &format!("{content}/{}", escaped(volid)), row) {
                troubles.push(format!("{volid}: {error:#}"));
            }
        }
    }
    Ok(troubles)
}

fn volume(target: &Target<'_>, path: &str, row: &Value) -> Result<()> {
    if row["protected"] == 1 {
        target.data("PUT", &format!("{path}?protected=0"))?;
    }
    match target.data("DELETE", path)?.as_str() {
        Some(upid) => ended(target, upid),
        None => Ok(()),
    }
}
