//! Identifiers as types: each parses from text, prints back the same text, and can hold nothing else.
//!
//! The grammars are Proxmox VE's (`pve-container`, `pve-common`), systemd's and OpenSSH's; where a name may only be
//! ours (`CustomerId`) the rule stands at the type.

mod mac;
mod machine_id;
mod name;
mod vmid;
mod volid;

pub use mac::MacAddr;
pub use machine_id::MachineId;
pub use name::{
    BridgeName, ChannelName, CustomerId, GoldenName, Hostname, NodeName, Principal, RunId, Sha256Hex, StorageId,
};
pub use vmid::Vmid;
pub use volid::Volid;

/// Why a text is not the identifier it was given as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not a valid {kind}: {rule}")]
pub struct InvalidId {
    /// What it should have been, in words: `hostname`, `VMID`.
    pub kind: &'static str,
    /// The text as given.
    pub value: String,
    /// The rule that it breaks, so that the reader can mend it.
    pub rule: &'static str,
}

impl InvalidId {
    fn new(kind: &'static str, value: &str, rule: &'static str) -> Self {
        Self { kind, value: value.to_owned(), rule }
    }
}
