//! MAC addresses: drawn inside the datacenter's prefix, never one that anybody has or had.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use spec::ids::MacAddr;

/// The first three octets of every address that the ledger issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MacPrefix([u8; 3]);

/// A text that is no prefix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write three hex octets of a unicast prefix, like BC:24:11")]
pub struct BadMacPrefix;

/// Every try met an address that somebody has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{tries} draws inside {prefix} met only addresses in use: choose another `guests.mac_prefix`")]
pub struct OutOfMacs {
    /// The prefix.
    pub prefix: MacPrefix,
    /// How often was drawn.
    pub tries: u32,
}

impl Default for MacPrefix {
    fn default() -> Self {
        Self(MacAddr::DEFAULT_PREFIX)
    }
}

impl FromStr for MacPrefix {
    type Err = BadMacPrefix;

    fn from_str(text: &str) -> Result<Self, BadMacPrefix> {
        let whole: MacAddr = format!("{text}:00:00:00").parse().map_err(|_| BadMacPrefix)?;
        let [a, b, c, ..] = whole.octets();
        Ok(Self([a, b, c]))
    }
}

impl fmt::Display for MacPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c] = self.0;
        write!(f, "{a:02X}:{b:02X}:{c:02X}")
    }
}

/// A drawing among 16.7 million addresses meets 20 occupied ones in a row only when the prefix is all but full.
const TRIES: u32 = 20;

/// Draws an address that is not in `occupied`. `random` gives 24 fresh random bits at each call.
///
/// # Errors
/// [`OutOfMacs`] after 20 draws that all met occupied addresses.
pub fn draw_mac(
    prefix: MacPrefix,
    occupied: &BTreeSet<MacAddr>,
    mut random: impl FnMut() -> [u8; 3],
) -> Result<MacAddr, OutOfMacs> {
    (0..TRIES)
        .filter_map(|_| MacAddr::from_prefix(prefix.0, random()))
        .find(|mac| !occupied.contains(mac))
        .ok_or(OutOfMacs { prefix, tries: TRIES })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_three_unicast_octets() {
        assert_eq!("BC:24:11".parse(), Ok(MacPrefix::default()));
        assert_eq!("bc:24:11".parse::<MacPrefix>().unwrap().to_string(), "BC:24:11");
        for bad in ["", "BC:24", "BC:24:11:00", "01:00:5E", "BC-24-11"] {
            assert!(bad.parse::<MacPrefix>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_occupied_address_is_drawn_again() {
        let taken: MacAddr = "BC:24:11:00:00:01".parse().unwrap();
        let mut draws = [[0, 0, 1], [0, 0, 1], [0, 0, 2]].into_iter();
        let mac = draw_mac(MacPrefix::default(), &BTreeSet::from([taken]), || draws.next().unwrap()).unwrap();
        assert_eq!(mac.to_string(), "BC:24:11:00:00:02");
    }

    #[test]
    fn a_full_prefix_ends_with_an_error() {
        let taken: MacAddr = "BC:24:11:00:00:01".parse().unwrap();
        assert!(draw_mac(MacPrefix::default(), &BTreeSet::from([taken]), || [0, 0, 1]).is_err());
    }
}
