//! Who can hold an identity: guests on the wire, asleep, and in backups that wait to be restored.

use serde::{Deserialize, Serialize};

use crate::ids::{NodeName, Vmid};

/// One guest, or one backup of a guest, as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// The cluster it is in, as the one who exported its inventory calls it; none where only one is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The node it is on, or whose storage the backup was found on.
    pub node: NodeName,
    /// Its number; that of the guest that was backed up, for a backup.
    pub vmid: Vmid,
    /// Container or virtual machine.
    pub kind: GuestKind,
    /// Whether it can collide now or only later.
    pub state: GuestState,
    /// Its configured name.
    pub name: String,
    /// Who it is for, where the ledger or a tag tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Where its NICs are plugged in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nics: Vec<Nic>,
    /// What it was made from.
    #[serde(default)]
    pub ancestry: Ancestry,
    /// When it was made, in seconds since 1970 (the ledger's row, or `ctime` of its configuration's `meta`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<i64>,
}

/// What sort of guest it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GuestKind {
    /// A container.
    Lxc,
    /// A virtual machine: it shares the wire, and its tree is not looked at.
    Qemu,
}

/// Whether a guest can collide now or only later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GuestState {
    /// It runs.
    Running,
    /// It is stopped, and collides when it is started.
    Stopped,
    /// It is a template, and whatever is cloned from it collides.
    Template,
    /// It is a backup, and collides when it is restored beside its guest.
    Backup {
        /// The archive's volume id.
        volid: String,
        /// When it was taken, in seconds since 1970.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        taken: Option<i64>,
    },
}

impl GuestState {
    /// The state in one word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Template => "template",
            Self::Backup { .. } => "backup",
        }
    }
}

/// Where one NIC is plugged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nic {
    /// The number of its key: 0 for `net0`.
    pub index: u8,
    /// The bridge, or the SDN's VNet.
    pub bridge: String,
    /// The VLAN, where it is tagged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<u16>,
}

/// What is known of where a guest came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ancestry {
    /// The golden that its mark or its release file names, as [`ForbiddenSet::golden`](crate::identity::ForbiddenSet) does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub golden: Option<String>,
    /// It is that golden itself: a release's archive, or the template that guests are cloned from. It holds the golden's
    /// values by right.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_golden: bool,
    /// The guest of the same cluster that it was cloned from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloned_from: Option<Vmid>,
    /// The archive that it was restored from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored_from: Option<String>,
}
