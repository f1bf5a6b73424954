//! `vzdump`.

use pve_wire::api::calls;

use super::tool::{Command, Show};

/// The tool, which is one command.
pub(super) static VZDUMP: Command = Command::call("vzdump", &calls::VZDUMP, &["vmid"], Show::Task).taking_all();
