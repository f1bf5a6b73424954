//! The number of a guest.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::InvalidId;

/// A guest's number in a Proxmox cluster, 100 to 999999999 (`pve-vmid` in Proxmox's schema).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Vmid(u32);

impl Vmid {
    /// The smallest number that Proxmox accepts.
    pub const MIN: Self = Self(100);
    /// The largest number that Proxmox accepts.
    pub const MAX: Self = Self(999_999_999);

    /// The number itself.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Vmid {
    type Error = InvalidId;

    fn try_from(value: u32) -> Result<Self, InvalidId> {
        if (Self::MIN.0..=Self::MAX.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(InvalidId::new("VMID", &value.to_string(), "use a number from 100 to 999999999"))
        }
    }
}

impl From<Vmid> for u32 {
    fn from(vmid: Vmid) -> Self {
        vmid.0
    }
}

impl FromStr for Vmid {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        let number = text.parse::<u32>().ok().filter(|_| plain);
        number
            .and_then(|n| Self::try_from(n).ok())
            .ok_or_else(|| InvalidId::new("VMID", text, "use a number from 100 to 999999999"))
    }
}

impl fmt::Display for Vmid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proxmox_numbers_parse() {
        for (text, accepted) in [
            ("100", true),
            ("999999999", true),
            ("99", false),
            ("0100", false),
            ("1000000000", false),
            ("+100", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<Vmid>().is_ok(), accepted, "{text:?}");
        }
    }
}
