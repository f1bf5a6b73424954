//! An audit as the demo shows it.

use anyhow::Result;

use super::telling::{quoted, typed};
use crate::lab::Lab;

/// Audits the fleet, shows the report, and holds it to the exit code.
pub(super) fn audit(lab: &Lab, code: i32) -> Result<()> {
    typed("reset-agent audit");
    let done = lab.agent(&["audit"])?.exited(code)?;
    quoted(&done.stdout);
    quoted(&format!("exit code {code}"));
    Ok(())
}
