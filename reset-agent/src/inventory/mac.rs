//! MAC addresses: drawn inside the datacenter's prefix, never one that anybody has or had.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use spec::ids::MacAddr;

/// The first octets of every address that the ledger issues: three, or up to five where sites share a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MacPrefix {
    vendor: [u8; 3],
    /// What is fixed after the vendor's part.
    site: [Option<u8>; 2],
}

/// A text that is no prefix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write three to five hex octets of a unicast prefix, like BC:24:11")]
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
        Self { vendor: MacAddr::DEFAULT_PREFIX, site: [None; 2] }
    }
}

impl FromStr for MacPrefix {
    type Err = BadMacPrefix;

    fn from_str(text: &str) -> Result<Self, BadMacPrefix> {
        let written = text.split(':').count();
        let open = 6_usize.checked_sub(written).filter(|open| (1..=3).contains(open)).ok_or(BadMacPrefix)?;
        let whole: MacAddr = format!("{text}{}", ":00".repeat(open)).parse().map_err(|_| BadMacPrefix)?;
        let [vendor @ .., fourth, fifth, _] = whole.octets();
        Ok(Self { vendor, site: [(written > 3).then_some(fourth), (written > 4).then_some(fifth)] })
    }
}

impl fmt::Display for MacPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c] = self.vendor;
        write!(f, "{a:02X}:{b:02X}:{c:02X}")?;
        self.site.iter().flatten().try_for_each(|octet| write!(f, ":{octet:02X}"))
    }
}

impl MacPrefix {
    fn completed(self, [d, e, f]: [u8; 3]) -> Option<MacAddr> {
        let [fixed_d, fixed_e] = self.site;
        MacAddr::from_prefix(self.vendor, [fixed_d.unwrap_or(d), fixed_e.unwrap_or(e), f])
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
        .filter_map(|_| prefix.completed(random()))
        .find(|mac| !occupied.contains(mac))
        .ok_or(OutOfMacs { prefix, tries: TRIES })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_three_to_five_unicast_octets() {
        assert_eq!("BC:24:11".parse(), Ok(MacPrefix::default()));
        assert_eq!("bc:24:11".parse::<MacPrefix>().unwrap().to_string(), "BC:24:11");
        let narrow: MacPrefix = "bc:24:11:5a:0c".parse().unwrap();
        assert_eq!(narrow.to_string(), "BC:24:11:5A:0C");
        let drawn = draw_mac(narrow, &BTreeSet::new(), || [1, 2, 3]).unwrap();
        assert_eq!(drawn.to_string(), "BC:24:11:5A:0C:03");
        for bad in ["", "BC:24", "BC:24:11:00:00:00", "BC:24:11:", "01:00:5E", "BC-24-11"] {
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
