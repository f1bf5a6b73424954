//! `[guests]`: what new guests are made of.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use spec::ids::{BridgeName, StorageId, Vmid};
use spec::pct::DiskSize;

use super::setting::{BadSetting, accept};
use crate::guest::AddressRange;
use crate::inventory::MacPrefix;

/// `[guests]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Storage for the guests' disks.
    pub storage: String,
    /// Bridge for their interfaces.
    pub bridge: String,
    /// `FROM-TO`.
    pub vmids: String,
    /// First three to five octets of the MAC addresses that the ledger issues.
    pub mac_prefix: Option<String>,
    /// Size of a root disk unless the request says otherwise.
    pub rootfs: Option<String>,
    /// Whether guests are cloned from warm goldens where there are any: `auto` or `never`.
    #[serde(default)]
    pub warm: Warmth,
    /// Networks in which a guest's address must lie; any address is taken where the list is empty.
    #[serde(default)]
    pub addresses: Vec<String>,
}

/// What new guests are made of.
#[derive(Debug, Clone)]
pub struct GuestSettings {
    /// Storage for the guests' disks.
    pub storage: StorageId,
    /// Bridge for the guests' interfaces.
    pub bridge: BridgeName,
    /// The VMIDs that the agent may give.
    pub vmids: VmidRange,
    /// Prefix of the MAC addresses that the ledger issues.
    pub mac_prefix: MacPrefix,
    /// Size of a root disk unless a request says otherwise.
    pub rootfs: DiskSize,
    /// Whether guests are cloned from warm goldens where there are any.
    pub warm: Warmth,
    /// Networks in which a guest's address must lie; empty means any.
    pub addresses: Vec<AddressRange>,
}

/// Whether guests are cloned from goldens that were turned into templates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Warmth {
    /// Where there is one that fits.
    #[default]
    Auto,
    /// Every guest is restored from the archive.
    Never,
}

/// Accepts the section.
pub(super) fn accepted(guests: &Written) -> Result<GuestSettings, BadSetting> {
    let addresses = guests.addresses.iter().map(|range| accept("guests.addresses", range));
    Ok(GuestSettings {
        storage: accept("guests.storage", &guests.storage)?,
        bridge: accept("guests.bridge", &guests.bridge)?,
        vmids: accept("guests.vmids", &guests.vmids)?,
        mac_prefix: match &guests.mac_prefix {
            Some(prefix) => accept("guests.mac_prefix", prefix)?,
            None => MacPrefix::default(),
        },
        rootfs: accept("guests.rootfs", guests.rootfs.as_deref().unwrap_or("8G"))?,
        warm: guests.warm,
        addresses: addresses.collect::<Result<_, _>>()?,
    })
}

/// VMIDs from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VmidRange {
    /// The first.
    pub from: Vmid,
    /// The last.
    pub to: Vmid,
}

impl VmidRange {
    /// All numbers of the range, rising.
    pub fn iter(self) -> impl Iterator<Item = Vmid> {
        (self.from.get()..=self.to.get()).filter_map(|number| Vmid::try_from(number).ok())
    }

    /// Whether a number lies inside.
    pub fn contains(self, vmid: Vmid) -> bool {
        (self.from..=self.to).contains(&vmid)
    }
}

impl fmt::Display for VmidRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from, self.to)
    }
}

impl FromStr for VmidRange {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, to) = text.split_once('-').ok_or("write FROM-TO, like 200-999")?;
        let vmid = |part: &str| part.trim().parse().map_err(|_| "a VMID is a number from 100 to 999999999");
        let range = Self { from: vmid(from)?, to: vmid(to)? };
        if range.from <= range.to { Ok(range) } else { Err("the first VMID must not be larger than the last") }
    }
}
