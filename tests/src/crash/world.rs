//! What there is: on the node, in the ledger, in the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};
use reset_agent::ledger::Guest;
use serde_json::Value;

use super::agent::Agent;
use crate::lab::Lab;

/// Everything that a cell may change, at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct World {
    /// Guests' configurations by number.
    pub(super) guests: BTreeMap<u32, String>,
    /// Those that run.
    pub(super) running: BTreeSet<u32>,
    /// Guests' volumes.
    pub(super) volumes: BTreeSet<String>,
    /// Restores that ended well, by UPID.
    pub(super) restored: BTreeSet<String>,
    /// The ledger's live guests: customer, VMID, state, run.
    pub(super) live: BTreeSet<(String, u64, String, String)>,
    /// Runs that are not closed.
    pub(super) unfinished: BTreeSet<String>,
    /// The agent's known hosts.
    pub(super) known_hosts: String,
}

impl World {
    /// Looks.
    pub(super) fn look(agent: &Agent<'_>) -> Result<Self> {
        let lab = agent.lab;
        let guests = guests(lab)?;
        Ok(Self {
            running: running(lab)?,
            volumes: volumes(lab)?,
            restored: restored(lab)?,
            live: live(agent)?,
            unfinished: unfinished(agent)?,
            known_hosts: fs::read_to_string(lab.layout.known_hosts()).unwrap_or_default(),
            guests,
        })
    }
}

fn guests(lab: &Lab) -> Result<BTreeMap<u32, String>> {
    let mut guests = BTreeMap::new();
    for entry in fs::read_dir(lab.layout.node().join("lxc")).context("reading the guests' folder")? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(vmid) = name.strip_suffix(".conf").and_then(|vmid| vmid.parse().ok()) {
            guests.insert(vmid, fs::read_to_string(&path).context("reading a configuration")?);
        }
    }
    Ok(guests)
}

fn running(lab: &Lab) -> Result<BTreeSet<u32>> {
    let listing = lab.pct(&["list"])?.ok()?.stdout;
    let rows = listing.lines().filter(|line| line.contains(" running "));
    Ok(rows.filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect())
}

fn volumes(lab: &Lab) -> Result<BTreeSet<String>> {
    let rows = lab.rest("GET", "/nodes/pve/storage/local/content?content=rootdir", "")?;
    Ok(texts(&rows, "volid").map(str::to_owned).collect())
}

fn restored(lab: &Lab) -> Result<BTreeSet<String>> {
    let rows = lab.rest("GET", "/nodes/pve/tasks?typefilter=vzrestore&limit=5000", "")?;
    let well = rows.as_array().into_iter().flatten().filter(|row| row["status"] == "OK");
    Ok(well.filter_map(|row| row["upid"].as_str().map(str::to_owned)).collect())
}

fn live(agent: &Agent<'_>) -> Result<BTreeSet<(String, u64, String, String)>> {
    let row = |guest: Guest| {
        let Guest { customer, vmid, state, run, .. } = guest;
        (customer.to_string(), u64::from(vmid.get()), state.to_string(), run.to_string())
    };
    Ok(agent.guests()?.into_iter().map(row).collect())
}

fn unfinished(agent: &Agent<'_>) -> Result<BTreeSet<String>> {
    let told: Value = agent.ask(&["runs", "--limit", "5000", "--json"])?.ok()?.json()?;
    let rows = told["runs"].as_array().context("the journal's list")?.iter();
    Ok(rows
        .filter(|row| row["outcome"].is_null())
        .filter_map(|row| row["header"]["run"].as_str().map(str::to_owned))
        .collect())
}

fn texts<'a>(rows: &'a Value, key: &'a str) -> impl Iterator<Item = &'a str> {
    rows.as_array().into_iter().flatten().filter_map(move |row| row[key].as_str())
}
