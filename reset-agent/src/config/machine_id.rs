//! `[machine_id]`: who draws a new guest's machine-id.

use serde::Deserialize;

/// `[machine_id]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// `guest` or `ledger`.
    #[serde(default)]
    pub source: MachineIdSource,
}

/// Who draws a new guest's machine-id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MachineIdSource {
    /// systemd, at its first boot; the agent verifies that nobody has it.
    #[default]
    Guest,
    /// The ledger, under its unique constraint; the guest is told through its environment. Proxmox VE 9.1 or newer.
    Ledger,
}
