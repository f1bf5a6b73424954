//! Exit codes of Proxmox's tools.

/// It worked.
pub(super) const OK: u8 = 0;
/// `pvesh` knows no such call.
pub(super) const NO_HANDLER: u8 = 1;
/// It did not.
pub(super) const FAILED: u8 = 255;
