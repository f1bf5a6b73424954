//! Which of a guest's addresses is the one to talk to.

use std::net::IpAddr;
use std::str::FromStr;

use pve_client::interface_addresses;
use pve_client::wire::Interface;
use spec::ids::MacAddr;

/// A network in CIDR notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRange {
    network: IpAddr,
    prefix: u8,
}

/// A text that is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a network as ADDRESS/PREFIX, like 10.66.0.0/24")]
pub struct BadRange;

fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
        IpAddr::V6(v6) => (u128::from(v6), 128),
    }
}

impl AddressRange {
    /// Whether an address lies inside. An IPv4 network holds no IPv6 address and the other way round.
    pub fn contains(self, address: IpAddr) -> bool {
        let ((network, width), (candidate, other_width)) = (bits(self.network), bits(address));
        let host_bits = width - u32::from(self.prefix);
        let head = |value: u128| value.checked_shr(host_bits).unwrap_or(0);
        width == other_width && head(network) == head(candidate)
    }
}

impl FromStr for AddressRange {
    type Err = BadRange;

    fn from_str(text: &str) -> Result<Self, BadRange> {
        let (network, prefix) = text.split_once('/').ok_or(BadRange)?;
        let network: IpAddr = network.parse().map_err(|_| BadRange)?;
        let prefix: u8 = prefix.parse().map_err(|_| BadRange)?;
        if u32::from(prefix) > bits(network).1 { Err(BadRange) } else { Ok(Self { network, prefix }) }
    }
}

/// The address to reach a guest at: IPv4 before IPv6, never loopback or link-local, and inside `ranges` where there
/// are any. `None` while the guest has none yet.
pub fn reachable(addresses: impl IntoIterator<Item = IpAddr>, ranges: &[AddressRange]) -> Option<IpAddr> {
    let mut usable: Vec<IpAddr> = addresses
        .into_iter()
        .filter(|address| !is_local(*address))
        .filter(|address| ranges.is_empty() || ranges.iter().any(|range| range.contains(*address)))
        .collect();
    usable.sort_by_key(|address| (address.is_ipv6(), *address));
    usable.first().copied()
}

/// The addresses on a guest's configured interfaces, told by their MAC addresses. Bridges that a program made inside
/// the guest (`docker0`) have addresses too, the same in every guest, and nobody outside reaches them.
pub fn addresses_on<'a>(interfaces: &[Interface], macs: impl IntoIterator<Item = &'a MacAddr>) -> Vec<IpAddr> {
    let macs: Vec<String> = macs.into_iter().map(ToString::to_string).collect();
    let configured = |interface: &&Interface| macs.iter().any(|mac| mac.eq_ignore_ascii_case(&interface.hwaddr));
    interfaces.iter().filter(configured).flat_map(interface_addresses).collect()
}

/// Whether an address means only the guest itself or its own link. An IPv4 address in IPv6 clothes (`::ffff:127.0.0.1`)
/// is that IPv4 address.
pub fn is_local(address: IpAddr) -> bool {
    let address = address.to_canonical();
    let link_local = match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    link_local || address.is_loopback() || address.is_unspecified() || address.is_multicast()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pick(addresses: &[&str], ranges: &[&str]) -> Option<String> {
        let ranges: Vec<AddressRange> = ranges.iter().map(|r| r.parse().unwrap()).collect();
        reachable(addresses.iter().map(|a| a.parse().unwrap()), &ranges).map(|a| a.to_string())
    }

    #[test]
    fn shortly_after_start_there_is_none() {
        assert_eq!(pick(&["127.0.0.1", "::1", "fe80::be24:11ff:fe00:1", "169.254.3.4"], &[]), None);
    }

    #[test]
    fn s1_10_a_local_address_in_ipv6_clothes_is_local() {
        for local in ["::ffff:127.0.0.1", "::ffff:169.254.3.4", "::ffff:0.0.0.0", "::ffff:224.0.0.1"] {
            assert_eq!(pick(&[local], &[]), None, "{local}");
        }
        assert_eq!(pick(&["::ffff:10.66.0.7"], &[]).unwrap(), "::ffff:10.66.0.7");
    }

    #[test]
    fn ipv4_comes_first_and_the_range_decides() {
        assert_eq!(pick(&["2001:db8::5", "10.66.0.7"], &[]).unwrap(), "10.66.0.7");
        assert_eq!(pick(&["172.17.0.1", "10.66.0.7"], &["10.66.0.0/24"]).unwrap(), "10.66.0.7");
        assert_eq!(pick(&["172.17.0.1"], &["10.66.0.0/24"]), None);
        assert_eq!(pick(&["2001:db8::5"], &["10.66.0.0/24", "2001:db8::/32"]).unwrap(), "2001:db8::5");
    }

    #[test]
    fn a_bridge_inside_the_guest_is_never_the_way_in() {
        let interfaces: Vec<Interface> = serde_json::from_str(
            r#"[{"name":"lo","hwaddr":"00:00:00:00:00:00","inet":"127.0.0.1/8"},
                {"name":"docker0","hwaddr":"02:42:11:22:33:44","inet":"172.17.0.1/16"},
                {"name":"eth0","hwaddr":"bc:24:11:00:00:01","inet":"192.168.5.7/24"}]"#,
        )
        .unwrap();
        let mac: MacAddr = "BC:24:11:00:00:01".parse().unwrap();
        assert_eq!(reachable(addresses_on(&interfaces, [&mac]), &[]).unwrap().to_string(), "192.168.5.7");
        assert_eq!(reachable(addresses_on(&interfaces[..2], [&mac]), &[]), None, "eth0 has no lease yet");
    }

    #[test]
    fn ranges_read_and_refuse() {
        let all: AddressRange = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("203.0.113.9".parse().unwrap()));
        let v6: AddressRange = "::/0".parse().unwrap();
        assert!(v6.contains("2001:db8::1".parse().unwrap()) && !v6.contains("10.0.0.1".parse().unwrap()));
        for bad in ["10.0.0.0", "10.0.0.0/33", "x/8", "10.0.0.0/-1"] {
            assert!(bad.parse::<AddressRange>().is_err(), "{bad}");
        }
    }
}
