//! Hardware addresses.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::InvalidId;

/// A unicast Ethernet address, printed in upper case as Proxmox draws them (`BC:24:11:5A:0C:77`).
///
/// Compared by value: `bc:24:11:…` and `BC:24:11:…` are one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MacAddr([u8; 6]);

impl MacAddr {
    /// The prefix that Proxmox draws in since `pve-cluster` 8.0.5 unless the datacenter sets `mac_prefix`.
    pub const DEFAULT_PREFIX: [u8; 3] = [0xBC, 0x24, 0x11];

    /// The address made of a 24-bit prefix and 24 further bits.
    ///
    /// `None` when the prefix has the multicast bit set.
    pub fn from_prefix(prefix: [u8; 3], rest: [u8; 3]) -> Option<Self> {
        let octets = [prefix[0], prefix[1], prefix[2], rest[0], rest[1], rest[2]];
        (octets[0] & 1 == 0).then_some(Self(octets))
    }

    /// The six octets in wire order.
    pub fn octets(self) -> [u8; 6] {
        self.0
    }
}

impl FromStr for MacAddr {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId::new("MAC address", text, "use a unicast address like BC:24:11:5A:0C:77");
        let mut octets = [0_u8; 6];
        let mut parts = text.split(':');
        for octet in &mut octets {
            let part = parts
                .next()
                .filter(|p| p.len() == 2 && p.bytes().all(|b| b.is_ascii_hexdigit()))
                .ok_or_else(invalid)?;
            *octet = u8::from_str_radix(part, 16).map_err(|_| invalid())?;
        }
        let unicast = octets[0] & 1 == 0;
        if parts.next().is_some() || !unicast {
            return Err(invalid());
        }
        Ok(Self(octets))
    }
}

impl TryFrom<String> for MacAddr {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<MacAddr> for String {
    fn from(mac: MacAddr) -> Self {
        mac.to_string()
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, octet) in self.0.iter().enumerate() {
            let colon = if index == 0 { "" } else { ":" };
            write!(f, "{colon}{octet:02X}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_make_another_address() {
        let lower: MacAddr = "bc:24:11:5a:0c:77".parse().unwrap();
        assert_eq!(lower, "BC:24:11:5A:0C:77".parse().unwrap());
        assert_eq!(lower.to_string(), "BC:24:11:5A:0C:77");
    }

    #[test]
    fn multicast_and_malformed_are_refused() {
        for text in
            ["01:00:5e:00:00:01", "bc:24:11:5a:0c", "bc:24:11:5a:0c:77:00", "bc-24-11-5a-0c-77", "+c:24:11:5a:0c:77"]
        {
            assert!(text.parse::<MacAddr>().is_err(), "{text}");
        }
        assert_eq!(MacAddr::from_prefix([1, 0, 0], [0, 0, 0]), None);
    }
}
