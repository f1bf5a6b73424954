//! What a look at a guest gave: a value, or why there is none.

use serde::{Deserialize, Serialize};

use super::host_key::KeyFacts;
use crate::identity::{Identity, IdentityKind};

/// A value that was seen, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sighting {
    /// Kind and value. Confidential ones are keyed digests: see [`confidential`].
    pub identity: Identity,
    /// Who says so.
    pub source: Source,
    /// Where on the guest's wires, for MAC and IP addresses.
    #[serde(default)]
    pub at: Place,
    /// When the file that holds it was last changed, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<i64>,
    /// What it was computed from, where its form tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// What its public half tells, for an SSH host key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyFacts>,
}

impl Sighting {
    /// A value without anything else known of it.
    pub fn new(identity: Identity, source: Source) -> Self {
        Self { identity, source, at: Place::Unknown, modified: None, parent: None, key: None }
    }
}

/// Where evidence comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The guest's configuration by REST.
    Config,
    /// The addresses of a running guest by REST.
    Interfaces,
    /// The configuration inside of a backup by REST (`extractconfig`).
    Extractconfig,
    /// The helper on the node, in the guest's tree.
    Helper,
    /// A login.
    Ssh,
    /// A host-key handshake over the network.
    Handshake,
    /// The ledger: what a guest was given, not what it has.
    Ledger,
    /// An inventory of another cluster.
    Import,
    /// A neighbour's cache: who once had an address.
    Neighbour,
}

/// How much a source proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// It is informational: old neighbour entries outlive their guests.
    Hearsay,
    /// Somebody says that the guest has it.
    Claimed,
    /// The guest, or its configuration, has it.
    Proven,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Config,
        Self::Interfaces,
        Self::Extractconfig,
        Self::Helper,
        Self::Ssh,
        Self::Handshake,
        Self::Ledger,
        Self::Import,
        Self::Neighbour,
    ];

    pub(super) fn weight(self) -> Weight {
        match self {
            Self::Neighbour => Weight::Hearsay,
            Self::Ledger => Weight::Claimed,
            _ => Weight::Proven,
        }
    }

    /// The part of a guest that it looks at; a handshake sees host keys only, and hearsay sees nothing.
    pub fn area(self) -> Option<Area> {
        match self {
            Self::Config | Self::Extractconfig => Some(Area::Configuration),
            Self::Interfaces => Some(Area::Addresses),
            Self::Helper | Self::Ssh => Some(Area::Tree),
            Self::Handshake | Self::Ledger | Self::Import | Self::Neighbour => None,
        }
    }
}

/// A part of a guest that is looked at, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    /// Its configuration.
    Configuration,
    /// The addresses that it has while it runs.
    Addresses,
    /// Its files.
    Tree,
}

impl Area {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Configuration, Self::Addresses, Self::Tree];

    /// The area in one word, as findings name it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Addresses => "addresses",
            Self::Tree => "tree",
        }
    }

    pub(super) fn bit(self) -> u8 {
        match self {
            Self::Configuration => 1,
            Self::Addresses => 2,
            Self::Tree => 4,
        }
    }
}

/// Where on its wires a guest has an address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// At the NIC of this number.
    Nic(u8),
    /// At an interface that a program made inside of the guest (`docker0`): nobody outside can reach it there.
    Inner,
    /// Nobody knows, or it is no address.
    #[default]
    Unknown,
}

/// What a value can be computed from. It changes when its parent does, and is no problem of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parent {
    /// systemd's machine-id: DHCP client identities of systemd-networkd.
    MachineId,
    /// A NIC's hardware address: IPv6 interface identifiers, DUIDs of type LL.
    Mac,
}

impl Parent {
    pub(super) const ALL: [Self; 2] = [Self::MachineId, Self::Mac];

    /// The catalog's row of the parent.
    pub fn item(self) -> &'static str {
        match self {
            Self::MachineId => "machine-id",
            Self::Mac => "nic-mac",
        }
    }
}

/// Something that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unread {
    /// An area by its word, or a catalog item's id.
    pub item: String,
    /// Who tried; none where nobody could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Why not.
    pub why: String,
}

/// What a keyed digest begins with. What follows are 64 hex digits.
pub const KEYED: &str = "hmac-sha256:";

/// Under which name a confidential value is digested; none for a kind that may be told.
///
/// Raw machine-ids never leave their host (machine-id(5)). A D-Bus id is digested as a machine-id, so that a copy of
/// another guest's machine-id is seen as what it is.
pub fn confidential(kind: &IdentityKind) -> Option<&'static str> {
    matches!(kind, IdentityKind::MachineId | IdentityKind::DbusMachineId).then_some("machine-id")
}

/// The identity with a confidential value digested by `digest` (name, value → 64 hex digits); others as they are.
pub fn hidden(identity: Identity, digest: impl Fn(&str, &str) -> String) -> Identity {
    match confidential(&identity.kind) {
        Some(name) if !identity.value.starts_with(KEYED) => {
            let value = format!("{KEYED}{}", digest(name, &identity.value));
            Identity { kind: identity.kind, value }
        }
        _ => identity,
    }
}

/// The value as a report may show it.
pub(super) fn shown(kind: &IdentityKind, value: &str) -> String {
    match value.strip_prefix(KEYED) {
        Some(digest) => format!("keyed {}…", digest.chars().take(8).collect::<String>()),
        None => Identity { kind: kind.clone(), value: value.to_owned() }.shown(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q7_a_copied_dbus_id_is_digested_as_the_machine_id_that_it_is() {
        let digest = |name: &str, value: &str| format!("{name}/{value}");
        let of = |kind| hidden(Identity::new(kind, "0123"), digest).value;
        assert_eq!(of(IdentityKind::MachineId), of(IdentityKind::DbusMachineId));
        assert_eq!(of(IdentityKind::Hostname), "0123");
        let once = hidden(Identity::new(IdentityKind::MachineId, "0123"), digest);
        assert_eq!(hidden(once.clone(), digest), once, "a digest is not digested again");
    }

    #[test]
    fn digests_are_shown_short() {
        let value = format!("{KEYED}0123456789abcdef");
        assert_eq!(shown(&IdentityKind::MachineId, &value), "keyed 01234567…");
    }
}
