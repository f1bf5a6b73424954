//! A configured interface, as every way of writing it needs it. Pure.

use std::net::{Ipv4Addr, Ipv6Addr};

use spec::pct::{Net, PctConf, PropertyError};

/// An interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::setup) struct Nic {
    pub(in crate::setup) name: String,
    pub(in crate::setup) v4: Family,
    pub(in crate::setup) v6: Family,
}

/// What an interface has of IPv4 or IPv6, spelled as the configuration spells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::setup) struct Family {
    pub(in crate::setup) address: Option<Address>,
    pub(in crate::setup) gateway: Option<String>,
    /// Whether the gateway lies outside the address's network, so that a route of its own has to lead there.
    pub(in crate::setup) far_gateway: bool,
}

/// Where an address comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::setup) enum Address {
    Auto,
    Dhcp,
    Manual,
    Static(Cidr),
}

/// A fixed address with its prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::setup) struct Cidr {
    /// Both, as given.
    pub(in crate::setup) text: String,
    /// Before the slash.
    pub(in crate::setup) address: String,
    /// Behind it.
    pub(in crate::setup) prefix: u8,
}

impl Cidr {
    /// The IPv4 netmask of this prefix.
    pub(in crate::setup) fn netmask(&self) -> Ipv4Addr {
        let bits = 32_u32.saturating_sub(u32::from(self.prefix));
        Ipv4Addr::from_bits(u32::MAX.checked_shl(bits).unwrap_or(0))
    }
}

impl Family {
    /// The fixed address, if that is what it is.
    pub(in crate::setup) fn fixed(&self) -> Option<&Cidr> {
        match &self.address {
            Some(Address::Static(cidr)) => Some(cidr),
            _ => None,
        }
    }

    /// Whether the address comes from a DHCP server.
    pub(in crate::setup) fn is_dhcp(&self) -> bool {
        self.address == Some(Address::Dhcp)
    }

    /// Whether there is anything but `manual`.
    pub(in crate::setup) fn is_configured(&self) -> bool {
        self.address.as_ref().is_some_and(|address| *address != Address::Manual)
    }

    /// Nothing said at all.
    pub(in crate::setup) fn is_empty(&self) -> bool {
        self.address.is_none() && self.gateway.is_none()
    }

    fn of(net: &Net, address: &str, gateway: &str, inside: impl Fn(&Cidr, &str) -> bool) -> Self {
        let address = net.get(address).map(|text| match text {
            "auto" => Address::Auto,
            "dhcp" => Address::Dhcp,
            "manual" => Address::Manual,
            text => {
                let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
                let prefix = prefix.parse().unwrap_or_default();
                Address::Static(Cidr { text: text.to_owned(), address: address.to_owned(), prefix })
            }
        });
        let gateway = net.get(gateway).map(str::to_owned);
        let mut family = Self { address, gateway, far_gateway: false };
        family.far_gateway = family.fixed().zip(family.gateway.as_deref()).is_some_and(|(cidr, gw)| !inside(cidr, gw));
        family
    }
}

/// The interfaces of a configuration, in their order there.
pub(in crate::setup) fn nics(conf: &PctConf) -> Result<Vec<(u8, Nic)>, PropertyError> {
    let nic = |net: &Net| Nic {
        name: net.name().to_owned(),
        v4: Family::of(net, "ip", "gw", inside_v4),
        v6: Family::of(net, "ip6", "gw6", inside_v6),
    };
    Ok(conf.nets()?.iter().map(|(index, net)| (*index, nic(net))).collect())
}

/// The address a guest is known by: `net0`'s fixed one.
pub(in crate::setup) fn primary_address(nics: &[(u8, Nic)]) -> Option<String> {
    let (_, nic) = nics.iter().find(|(index, _)| *index == 0)?;
    nic.v4.fixed().or_else(|| nic.v6.fixed()).map(|cidr| cidr.address.clone())
}

fn inside_v4(network: &Cidr, gateway: &str) -> bool {
    let bits = |text: &str| text.parse::<Ipv4Addr>().ok().map(Ipv4Addr::to_bits);
    let shift = 32_u32.saturating_sub(u32::from(network.prefix));
    let cut = |bits: u32| bits.checked_shr(shift).unwrap_or(0);
    bits(&network.address).zip(bits(gateway)).is_some_and(|(a, b)| cut(a) == cut(b))
}

/// A link-local gateway can be reached from any network.
fn inside_v6(network: &Cidr, gateway: &str) -> bool {
    let Ok(gateway) = gateway.parse::<Ipv6Addr>() else { return false };
    let shift = 128_u32.saturating_sub(u32::from(network.prefix));
    let cut = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
    let same = |address: Ipv6Addr| cut(address.to_bits()) == cut(gateway.to_bits());
    gateway.is_unicast_link_local() || network.address.parse().is_ok_and(same)
}

#[cfg(test)]
pub(in crate::setup) mod tests {
    use super::*;

    /// The interfaces of these lines.
    pub(in crate::setup) fn of(nets: &[&str]) -> Vec<(u8, Nic)> {
        let lines = nets.iter().enumerate().map(|(n, net)| format!("net{n}: {net}\n"));
        nics(&PctConf::parse(&lines.collect::<String>())).unwrap()
    }

    #[test]
    fn gateways_are_near_or_far() {
        let far = |net: &str| of(&[net]).remove(0).1;
        assert!(!far("name=e,ip=10.0.0.5/24,gw=10.0.0.1").v4.far_gateway);
        assert!(far("name=e,ip=10.0.0.5/24,gw=10.0.1.1").v4.far_gateway);
        assert!(far("name=e,ip=10.0.0.5/32,gw=10.0.0.1").v4.far_gateway);
        assert!(!far("name=e,ip=dhcp,gw=10.0.1.1").v4.far_gateway);
        assert!(!far("name=e,ip6=fd00::5/64,gw6=fe80::1").v6.far_gateway);
        assert!(!far("name=e,ip6=fd00::5/64,gw6=fd00::1").v6.far_gateway);
        assert!(far("name=e,ip6=fd00::5/64,gw6=fd01::1").v6.far_gateway);
    }

    #[test]
    fn netmasks_follow_from_prefixes() {
        let mask = |net: &str| of(&[net]).remove(0).1.v4.fixed().unwrap().netmask().to_string();
        assert_eq!(mask("name=e,ip=10.0.0.5/20"), "255.255.240.0");
        assert_eq!(mask("name=e,ip=10.0.0.5/32"), "255.255.255.255");
    }

    #[test]
    fn the_first_interface_gives_the_address() {
        assert_eq!(primary_address(&of(&["name=a,ip=10.0.0.5/24,ip6=fd00::1/64"])).as_deref(), Some("10.0.0.5"));
        assert_eq!(primary_address(&of(&["name=a,ip=dhcp,ip6=fd00::1/64"])).as_deref(), Some("fd00::1"));
        assert_eq!(primary_address(&of(&["name=a,ip=dhcp", "name=b,ip=10.0.0.5/24"])), None);
    }
}
