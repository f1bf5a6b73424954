//! `node.toml`: what a person decides about the node.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};
use spec::ids::{BridgeName, NodeName};

/// The node's configuration, defaults filled in; unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NodeConfig {
    /// The node's name.
    pub node: NodeName,
    /// Where the API listens.
    pub listen: SocketAddr,
    /// The bridge that guests hang on.
    pub bridge: BridgeName,
    /// The bridge's address with the length of its prefix; guests get addresses of this subnet by DHCP.
    pub subnet: Subnet,
    /// A second bridge, with DHCP and no way out: for guests that nobody must meet.
    pub isolated: Option<Isolated>,
}

/// A bridge without a way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Isolated {
    /// The bridge.
    pub bridge: BridgeName,
    /// Its address with the length of its prefix; no other network of the machine may have it.
    pub subnet: Subnet,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            node: default_name("pve"),
            listen: SocketAddr::from(([127, 0, 0, 1], 8006)),
            bridge: default_name("vmbr0"),
            subnet: Subnet { address: Ipv4Addr::new(10, 66, 0, 1), prefix: 24 },
            isolated: None,
        }
    }
}

/// A built-in name, which is valid by its grammar (a test holds it).
#[expect(clippy::expect_used, reason = "the texts are literals of this file, and a test parses them")]
fn default_name<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a built-in name")
}

/// An IPv4 address and the length of its network's prefix: `10.66.0.1/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Subnet {
    /// The bridge's own address.
    pub address: Ipv4Addr,
    /// 8 to 28: smaller networks leave no room for guests.
    pub prefix: u8,
}

/// Why a text is not a subnet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not a subnet: write the bridge's IPv4 address and a prefix of 8 to 28, like 10.66.0.1/24")]
pub struct BadSubnet {
    /// The text as given.
    pub value: String,
}

impl std::str::FromStr for Subnet {
    type Err = BadSubnet;

    fn from_str(text: &str) -> Result<Self, BadSubnet> {
        let bad = || BadSubnet { value: text.to_owned() };
        let (address, prefix) = text.split_once('/').ok_or_else(bad)?;
        let prefix = prefix.parse().ok().filter(|prefix| (8..=28).contains(prefix)).ok_or_else(bad)?;
        Ok(Self { address: address.parse().map_err(|_| bad())?, prefix })
    }
}

impl TryFrom<String> for Subnet {
    type Error = BadSubnet;

    fn try_from(text: String) -> Result<Self, BadSubnet> {
        text.parse()
    }
}

impl From<Subnet> for String {
    fn from(subnet: Subnet) -> Self {
        subnet.to_string()
    }
}

impl std::fmt::Display for Subnet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl Subnet {
    fn mask(self) -> u32 {
        u32::MAX << (32 - u32::from(self.prefix))
    }

    /// The network itself: `10.66.0.0/24`.
    pub fn network(self) -> String {
        format!("{}/{}", Ipv4Addr::from(u32::from(self.address) & self.mask()), self.prefix)
    }

    /// The first and last address that DHCP may hand out: all but the network, broadcast and the lowest nine.
    pub fn dhcp_range(self) -> (Ipv4Addr, Ipv4Addr) {
        let network = u32::from(self.address) & self.mask();
        (Ipv4Addr::from(network + 10.min(!self.mask() / 2)), Ipv4Addr::from((network | !self.mask()) - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let config = NodeConfig::default();
        assert_eq!((config.node.as_str(), config.bridge.as_str()), ("pve", "vmbr0"));
        let printed = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<NodeConfig>(&printed).unwrap(), config);
        let isolated = format!("{printed}[isolated]\nbridge = \"vmbr9\"\nsubnet = \"10.69.0.1/24\"\n");
        assert_eq!(toml::from_str::<NodeConfig>(&isolated).unwrap().isolated.unwrap().bridge.as_str(), "vmbr9");
        assert!(toml::from_str::<NodeConfig>("brigde = \"vmbr1\"").is_err());
    }

    #[test]
    fn a_subnet_knows_its_range() {
        let subnet: Subnet = "10.67.0.1/24".parse().unwrap();
        assert_eq!(subnet.network(), "10.67.0.0/24");
        assert_eq!(subnet.dhcp_range(), (Ipv4Addr::new(10, 67, 0, 10), Ipv4Addr::new(10, 67, 0, 254)));
        for bad in ["10.67.0.1", "10.67.0.1/30", "10.67.0/24", "x/24"] {
            assert!(bad.parse::<Subnet>().is_err(), "{bad}");
        }
    }
}
