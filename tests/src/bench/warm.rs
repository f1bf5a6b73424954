//! A linked clone of a warm golden beside a restore of the same archive, on one btrfs storage.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::golden::Golden;
use super::measure::ours;
use crate::lab::{Lab, run};

const TEMPLATE: &str = "195";
const GUEST: &str = "196";

/// The storage in a file, and the template on it.
pub(super) struct Warm<'a> {
    lab: &'a Lab,
    volid: &'a str,
    mount: PathBuf,
}

impl<'a> Warm<'a> {
    pub(super) fn open(lab: &'a Lab, golden: &'a Golden) -> Result<Self> {
        let root = lab.layout.root();
        let (image, mount) = (root.join("bt.img"), root.join("bt"));
        let script = r#"truncate -s 20G "$1" && mkfs.btrfs -q "$1" && mkdir -p "$2" && mount -o loop "$1" "$2""#;
        run(Command::new("sh").args(["-ec", script, "bench"]).args([&image, &mount]), false)?.ok()?;
        let this = Self { lab, volid: &golden.volid, mount };
        let file = lab.layout.node().join("storage.cfg");
        let before = fs::read_to_string(&file).unwrap_or_default();
        let storage = format!("btrfs: bt\n\tpath {}\n\tcontent rootdir,images\n", this.mount.display());
        fs::write(&file, before + &storage)?;
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
        // The lab is purged whatever comes of this, and could not be with a mount inside.
        let _ = self.lab.pct(&["destroy", TEMPLATE]);
        let _ = run(Command::new("umount").arg(&self.mount), false);
    }
}
