//! What happens without Mintmark: restore, start, go home.

use anyhow::{Context, Result};
use serde_json::Value;

use super::audit::audit;
use super::telling::{scene, typed};
use crate::lab::Lab;

/// Two guests the hurried way.
const VMIDS: [&str; 2] = ["201", "202"];

/// Restores the golden raw, audits, and takes the raw guests away again.
pub(super) fn restore(lab: &Lab, manifest: &str) -> Result<()> {
    let manifest: Value = serde_json::from_slice(&std::fs::read(manifest).context("reading the manifest")?)?;
    let archive = manifest["archive"]["volid"].as_str().context("a manifest without an archive")?.to_owned();
    scene("a hurried admin restores the golden twice, without a reset", || {
        for vmid in VMIDS {
            typed(&format!("pct restore {vmid} {archive} --storage local --unprivileged 1 && pct start {vmid}"));
            lab.pct(&["restore", vmid, &archive, "--storage", "local", "--unprivileged", "1"])?.ok()?;
            lab.pct(&["start", vmid])?.ok()?;
        }
        Ok(())
    })?;
    scene("the audit again", || audit(lab, 5))?;
    scene("the raw guests go, and the fleet is clean", || {
        for vmid in VMIDS {
            typed(&format!("pct destroy {vmid} --force"));
            lab.pct(&["destroy", vmid, "--force"])?.ok()?;
        }
        audit(lab, 0)
    })
}
