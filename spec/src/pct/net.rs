//! `netN`: a network interface.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::format;
use super::kind::Kind;
use super::property::{Key, Properties, PropertyError, PropertyFormat};
use crate::ids::MacAddr;

static FORMAT: PropertyFormat = PropertyFormat {
    default_key: None,
    keys: &[
        Key::required("name", Kind::Pattern(format::word)),
        Key::optional("bridge", Kind::Pattern(format::word)),
        Key::optional("firewall", Kind::Boolean),
        Key::optional("gw", Kind::Format(format::ipv4)),
        Key::optional("gw6", Kind::Format(format::ipv6)),
        Key::optional("host-managed", Kind::Boolean),
        Key::optional("hwaddr", Kind::Format(format::mac_addr)),
        Key::optional("ip", Kind::Format(format::ipv4_config)),
        Key::optional("ip6", Kind::Format(format::ipv6_config)),
        Key::optional("link_down", Kind::Boolean),
        Key::optional("mtu", Kind::Integer { min: 64, max: 65535 }),
        Key::optional("rate", Kind::Number),
        Key::optional("tag", Kind::Integer { min: 1, max: 4094 }),
        Key::optional("trunks", Kind::Pattern(format::trunk_list)),
        Key::optional("type", Kind::OneOf(&["veth"])),
    ],
};

/// A network interface as `netN` describes it. Reads what Proxmox reads, and prints its canonical form, with the MAC
/// spelled as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Net(Properties);

/// How an interface gets its IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ip4Config {
    /// From a DHCP server.
    Dhcp,
    /// Left to the guest.
    Manual,
    /// Fixed: address and prefix length.
    Static(Ipv4Addr, u8),
}

/// How an interface gets its IPv6 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ip6Config {
    /// By router advertisements (SLAAC).
    Auto,
    /// From a DHCP server.
    Dhcp,
    /// Left to the guest.
    Manual,
    /// Fixed: address and prefix length.
    Static(Ipv6Addr, u8),
}

impl Net {
    /// An interface with a name in the guest and nothing else.
    ///
    /// # Errors
    /// The name holds anything but letters, digits and `-_.`.
    pub fn new(name: &str) -> Result<Self, PropertyError> {
        let mut properties = Properties::empty(&FORMAT);
        properties.set("name", name)?;
        Ok(Self(properties))
    }

    /// The interface's name in the guest.
    pub fn name(&self) -> &str {
        self.0.get("name").unwrap_or_default()
    }

    /// The bridge on the node.
    pub fn bridge(&self) -> Option<&str> {
        self.0.get("bridge")
    }

    /// The hardware address. Without one Proxmox draws another at every start.
    pub fn hwaddr(&self) -> Option<MacAddr> {
        self.0.get("hwaddr").and_then(|text| text.parse().ok())
    }

    /// Sets the hardware address.
    pub fn set_hwaddr(&mut self, mac: MacAddr) {
        self.0.put("hwaddr", mac.to_string());
    }

    /// The IPv4 configuration.
    pub fn ip(&self) -> Option<Ip4Config> {
        match self.0.get("ip")? {
            "dhcp" => Some(Ip4Config::Dhcp),
            "manual" => Some(Ip4Config::Manual),
            text => text
                .split_once('/')
                .and_then(|(host, prefix)| Some(Ip4Config::Static(host.parse().ok()?, prefix.parse().ok()?))),
        }
    }

    /// The IPv6 configuration.
    pub fn ip6(&self) -> Option<Ip6Config> {
        match self.0.get("ip6")? {
            "auto" => Some(Ip6Config::Auto),
            "dhcp" => Some(Ip6Config::Dhcp),
            "manual" => Some(Ip6Config::Manual),
            text => text
                .split_once('/')
                .and_then(|(host, prefix)| Some(Ip6Config::Static(host.parse().ok()?, prefix.parse().ok()?))),
        }
    }

    /// The IPv4 gateway.
    pub fn gw(&self) -> Option<Ipv4Addr> {
        self.0.get("gw").and_then(|text| text.parse().ok())
    }

    /// The IPv6 gateway.
    pub fn gw6(&self) -> Option<Ipv6Addr> {
        self.0.get("gw6").and_then(|text| text.parse().ok())
    }

    /// Whether Proxmox's firewall filters this interface.
    pub fn firewall(&self) -> bool {
        self.0.flag("firewall")
    }

    /// Whether the interface is unplugged from its bridge.
    pub fn link_down(&self) -> bool {
        self.0.flag("link_down")
    }

    /// Unplugs the interface, or plugs it in again (the key is then left out, as Proxmox's own tools do).
    pub fn set_link_down(&mut self, down: bool) {
        if down {
            self.0.put("link_down", "1".to_owned());
        } else {
            self.0.remove("link_down");
        }
    }

    /// The VLAN tag.
    pub fn tag(&self) -> Option<u16> {
        self.0.get("tag").and_then(|text| text.parse().ok())
    }

    /// The largest packet, in bytes.
    pub fn mtu(&self) -> Option<u16> {
        self.0.get("mtu").and_then(|text| text.parse().ok())
    }

    /// The rate limit, in MB/s, as written.
    pub fn rate(&self) -> Option<&str> {
        self.0.get("rate")
    }

    /// Any key as written; for the ones without a method of their own.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)
    }

    /// Sets any key after checking its value.
    ///
    /// # Errors
    /// `netN` does not know the key, or the value is not of its kind.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), PropertyError> {
        self.0.set(key, value)
    }

    /// Removes a key; true where it was there. `name` stays: an interface without one is none.
    pub fn remove(&mut self, key: &str) -> bool {
        key != "name" && self.0.remove(key)
    }
}

impl FromStr for Net {
    type Err = PropertyError;

    fn from_str(text: &str) -> Result<Self, PropertyError> {
        Properties::parse(&FORMAT, text).map(Self)
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_comes_first_then_the_keys_by_name() {
        let net: Net =
            "type=veth,ip=dhcp,hwaddr=bc:24:11:63:43:f4,bridge=vmbr0,firewall=yes,name=eth0".parse().unwrap();
        assert_eq!(net.to_string(), "name=eth0,bridge=vmbr0,firewall=1,hwaddr=bc:24:11:63:43:f4,ip=dhcp,type=veth");
        assert_eq!(net.hwaddr(), "BC:24:11:63:43:F4".parse().ok());
    }

    #[test]
    fn the_link_comes_up_by_leaving_the_key_out() {
        let mut net: Net = "name=eth0,bridge=vmbr0,link_down=1".parse().unwrap();
        assert!(net.link_down());
        net.set_link_down(false);
        assert_eq!(net.to_string(), "name=eth0,bridge=vmbr0");
    }

    #[test]
    fn an_error_names_every_wrong_field_with_its_value() {
        let error = "name=eth0,hwaddr=01:00:5E:00:00:01,tag=4095".parse::<Net>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "hwaddr=01:00:5E:00:00:01: invalid format - value does not look like a valid unicast MAC address; \
             tag=4095: value must have a maximum value of 4094"
        );
    }

    #[test]
    fn addresses_are_typed() {
        let net: Net = "name=eth0,ip=10.0.0.5/24,gw=10.0.0.1,ip6=auto".parse().unwrap();
        assert_eq!(net.ip(), Some(Ip4Config::Static(Ipv4Addr::new(10, 0, 0, 5), 24)));
        assert_eq!((net.gw(), net.ip6()), (Some(Ipv4Addr::new(10, 0, 0, 1)), Some(Ip6Config::Auto)));
    }
}
