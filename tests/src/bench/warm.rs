//! A linked clone of a warm golden beside a restore of the same archive, on one btrfs storage.

use std::time::Duration;

use anyhow::Result;

use super::golden::Golden;
use super::measure::ours;
use crate::lab::Lab;

const TEMPLATE: &str = "195";
const GUEST: &str = "196";

/// The template that is cloned.
pub(super) struct Warm<'a> {
    lab: &'a Lab,
    volid: &'a str,
}

impl<'a> Warm<'a> {
    pub(super) fn open(lab: &'a Lab, golden: &'a Golden) -> Result<Self> {
        let this = Self { lab, volid: &golden.volid };
        this.restore(TEMPLATE)?;
        lab.pct(&["template", TEMPLATE])?.ok()?;
        Ok(this)
    }

    fn restore(&self, vmid: &str) -> Result<Duration> {
        ours(self.lab, &["pct"], &["restore", vmid, self.volid, "--rootfs", "bt:4", "--unprivileged", "1"])
    }

    /// A restore, then a linked clone.
    pub(super) fn round(&self) -> Result<(Duration, Duration)> {
        let cold = self.restore(GUEST)?;
        self.lab.pct(&["destroy", GUEST])?.ok()?;
        let linked = ours(self.lab, &["pct"], &["clone", TEMPLATE, GUEST])?;
        self.lab.pct(&["destroy", GUEST])?.ok()?;
        Ok((cold, linked))
    }
}

impl Drop for Warm<'_> {
    fn drop(&mut self) {
        // The storage below it goes next, and says what is in its way.
        let _ = self.lab.pct(&["destroy", TEMPLATE]);
    }
}
