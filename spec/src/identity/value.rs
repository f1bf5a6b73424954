//! A value by which a guest is known, reduced to something that can be compared and shown.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What sort of value it is. Two values are compared only when their kinds are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum IdentityKind {
    /// A NIC's hardware address.
    Mac,
    /// An IPv4 or IPv6 address on a NIC.
    Ip,
    /// The hostname, as configured or as the guest has it.
    Hostname,
    /// systemd's machine-id.
    MachineId,
    /// A machine-id that D-Bus keeps in a file of its own.
    DbusMachineId,
    /// An SSH host key by its SHA-256 fingerprint, for one key type (`ssh-ed25519`).
    SshHostKey(String),
    /// Docker's engine id.
    DockerEngineId,
    /// A DHCP unique identifier that a client wrote down. One that is computed at each start (networkd's, out of the
    /// machine-id) stands nowhere and follows what it is computed from: that value's own kind keeps it apart.
    DhcpDuid,
    /// Any other file that must differ, as the SHA-256 of its content, under its catalog item's id.
    ContentOf(String),
}

impl IdentityKind {
    /// The kind in words, for tables and messages.
    pub fn title(&self) -> String {
        match self {
            Self::Mac => "MAC address".into(),
            Self::Ip => "IP address".into(),
            Self::Hostname => "hostname".into(),
            Self::MachineId => "machine-id".into(),
            Self::DbusMachineId => "D-Bus machine-id".into(),
            Self::SshHostKey(algorithm) => format!("SSH host key ({algorithm})"),
            Self::DockerEngineId => "Docker engine-id".into(),
            Self::DhcpDuid => "DHCP unique identifier".into(),
            Self::ContentOf(item) => format!("content of {item}"),
        }
    }
}

impl fmt::Display for IdentityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mac => f.write_str("mac"),
            Self::Ip => f.write_str("ip"),
            Self::Hostname => f.write_str("hostname"),
            Self::MachineId => f.write_str("machine-id"),
            Self::DbusMachineId => f.write_str("dbus-machine-id"),
            Self::SshHostKey(algorithm) => write!(f, "ssh-host-key:{algorithm}"),
            Self::DockerEngineId => f.write_str("docker-engine-id"),
            Self::DhcpDuid => f.write_str("dhcp-duid"),
            Self::ContentOf(item) => write!(f, "content:{item}"),
        }
    }
}

/// A text that names no kind of identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no kind of identity")]
pub struct UnknownKind(pub String);

impl FromStr for IdentityKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        match (text, text.split_once(':')) {
            ("mac", _) => Ok(Self::Mac),
            ("ip", _) => Ok(Self::Ip),
            ("hostname", _) => Ok(Self::Hostname),
            ("machine-id", _) => Ok(Self::MachineId),
            ("dbus-machine-id", _) => Ok(Self::DbusMachineId),
            ("docker-engine-id", _) => Ok(Self::DockerEngineId),
            ("dhcp-duid", _) => Ok(Self::DhcpDuid),
            (_, Some(("ssh-host-key", algorithm))) if !algorithm.is_empty() => Ok(Self::SshHostKey(algorithm.into())),
            (_, Some(("content", item))) if !item.is_empty() => Ok(Self::ContentOf(item.into())),
            _ => Err(UnknownKind(text.to_owned())),
        }
    }
}

impl TryFrom<String> for IdentityKind {
    type Error = UnknownKind;

    fn try_from(text: String) -> Result<Self, UnknownKind> {
        text.parse()
    }
}

impl From<IdentityKind> for String {
    fn from(kind: IdentityKind) -> Self {
        kind.to_string()
    }
}

/// One identity: a kind and its value in canonical text (MACs in upper case, ids and hostnames in lower case).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// What sort of value it is.
    pub kind: IdentityKind,
    /// The value; never a secret: public halves, ids and digests only.
    pub value: String,
}

impl Identity {
    /// An identity with its value brought into canonical form, so that equal things compare equal.
    pub fn new(kind: IdentityKind, value: &str) -> Self {
        let trimmed = value.trim();
        let value = match kind {
            IdentityKind::Mac => trimmed.to_ascii_uppercase(),
            IdentityKind::Ip
            | IdentityKind::Hostname
            | IdentityKind::MachineId
            | IdentityKind::DbusMachineId
            | IdentityKind::DhcpDuid => trimmed.to_ascii_lowercase(),
            IdentityKind::SshHostKey(_) | IdentityKind::DockerEngineId | IdentityKind::ContentOf(_) => {
                trimmed.to_owned()
            }
        };
        Self { kind, value }
    }

    /// The value as a person may see it: machine-ids, which systemd calls confidential, and digests are shortened.
    pub fn shown(&self) -> String {
        match self.kind {
            IdentityKind::MachineId | IdentityKind::DbusMachineId | IdentityKind::ContentOf(_)
                if self.value.len() > 8 =>
            {
                let head: String = self.value.chars().take(8).collect();
                format!("{head}…")
            }
            _ => self.value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_round_trip() {
        let kinds = [
            IdentityKind::Mac,
            IdentityKind::Ip,
            IdentityKind::Hostname,
            IdentityKind::MachineId,
            IdentityKind::DbusMachineId,
            IdentityKind::SshHostKey("ssh-ed25519".into()),
            IdentityKind::DockerEngineId,
            IdentityKind::DhcpDuid,
            IdentityKind::ContentOf("random-seed".into()),
        ];
        for kind in kinds {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert!("ssh-host-key:".parse::<IdentityKind>().is_err());
    }

    #[test]
    fn equal_things_compare_equal_and_ids_are_shortened() {
        assert_eq!(
            Identity::new(IdentityKind::Mac, "bc:24:11:00:00:01"),
            Identity::new(IdentityKind::Mac, "BC:24:11:00:00:01\n")
        );
        let id = Identity::new(IdentityKind::MachineId, "0123456789abcdef0123456789abcdef");
        assert_eq!(id.shown(), "01234567…");
    }
}
