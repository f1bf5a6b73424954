//! Parameters of many calls.

use crate::api::format::Format;
use crate::api::param::{Param, integer, text};

/// The node in the path.
pub(super) const NODE: Param = text("node").format(Format::Node);
/// The guest's number.
pub(super) const VMID: Param = integer("vmid").format(Format::Vmid).min(100).max(999_999_999);
/// The storage in the path.
pub(super) const STORAGE: Param = text("storage").format(Format::StorageId);
