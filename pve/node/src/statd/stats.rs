//! A node's numbers as the cluster was told them last.

use std::collections::BTreeMap;
use std::fs;

use serde::{Deserialize, Serialize};
use spec::ids::Vmid;

use crate::error::Die;
use crate::state::{Layout, replace};

/// A node's numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// The machine's; none before the first look.
    pub host: Option<HostStats>,
    /// Its guests', by number.
    pub guests: BTreeMap<Vmid, GuestStats>,
    /// Its storages', by id.
    pub storages: BTreeMap<String, StorageStats>,
}

/// A machine's numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostStats {
    /// Seconds since it booted.
    pub uptime: u64,
    /// The part of its processors that works.
    pub cpu: f64,
    /// How many it has.
    pub maxcpu: u64,
    /// Memory in use, bytes.
    pub mem: u64,
    /// Memory in all.
    pub maxmem: u64,
    /// Of `/` in use.
    pub disk: u64,
    /// The size of `/`.
    pub maxdisk: u64,
}

/// A guest's numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GuestStats {
    /// Its name then.
    pub name: String,
    /// Whether it ran.
    pub status: String,
    /// Whether it was a template.
    pub template: u8,
    /// Seconds since its start.
    pub uptime: u64,
    /// The part of its processors that works.
    pub cpu: f64,
    /// How many it may use.
    pub maxcpu: f64,
    /// Memory in use, bytes.
    pub mem: u64,
    /// Memory that it may use.
    pub maxmem: u64,
    /// Of its root file system in use.
    pub disk: u64,
    /// Its root file system's size.
    pub maxdisk: u64,
    /// Bytes that it received.
    pub netin: u64,
    /// Bytes that it sent.
    pub netout: u64,
    /// Bytes that it read from disks.
    pub diskread: u64,
    /// Bytes that it wrote.
    pub diskwrite: u64,
}

/// A storage's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageStats {
    /// In use, bytes.
    pub disk: u64,
    /// In all.
    pub maxdisk: u64,
}

impl Stats {
    /// What was told last; nothing before the first look.
    pub fn read(layout: &Layout) -> Self {
        let bytes = fs::read(layout.stats()).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Tells.
    pub fn write(&self, layout: &Layout) -> Result<(), Die> {
        let bytes = serde_json::to_vec(self).map_err(|error| Die::text(error.to_string()))?;
        replace(&layout.stats(), &bytes, 0o644)
    }
}
