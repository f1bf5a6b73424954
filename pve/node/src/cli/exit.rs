//! Exit codes of Proxmox's tools.

/// It worked.
pub(super) const OK: u8 = 0;
/// It did not.
pub(super) const FAILED: u8 = 255;
