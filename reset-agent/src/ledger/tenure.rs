//! How long a value of each kind belongs to its holder.

use spec::identity::IdentityKind;

/// How long a value belongs to its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenure {
    /// Never again to anybody else: a backup, a neighbour's cache or a known_hosts file may remember it for years.
    ForEver,
    /// Until its holder is gone: people choose these, and choose them again.
    WhileLive,
    /// It moves by itself (a DHCP lease): the newest sighting is right, and nobody is wronged.
    Moving,
}

impl Tenure {
    /// The rule of a kind.
    pub fn of(kind: &IdentityKind) -> Self {
        match kind {
            IdentityKind::Mac
            | IdentityKind::MachineId
            | IdentityKind::DbusMachineId
            | IdentityKind::SshHostKey(_)
            | IdentityKind::DockerEngineId
            | IdentityKind::DhcpDuid
            | IdentityKind::ContentOf(_) => Self::ForEver,
            IdentityKind::Hostname => Self::WhileLive,
            IdentityKind::Ip => Self::Moving,
        }
    }
}

/// machine-id(5) asks to keep it from others: the ledger holds a keyed digest.
pub(super) fn is_confidential(kind: &IdentityKind) -> bool {
    matches!(kind, IdentityKind::MachineId | IdentityKind::DbusMachineId)
}
