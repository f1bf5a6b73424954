//! Unpacking an archive into a mounted tree, in the guest's user namespace.

use std::fs::File;
use std::io::{Read, stdin};
use std::os::fd::AsFd;
use std::path::Path;

use super::{Archive, COMMON, pace};
use crate::containers::idmap::as_guest_root;
use crate::error::Die;
use crate::exec::Program;
use crate::tasks::TaskLog;

/// What is unpacked, where to, and how.
pub(in crate::ops) struct Unpack<'a> {
    /// The archive.
    pub(in crate::ops) archive: &'a Archive,
    /// The tree's mount point.
    pub(in crate::ops) root: &'a Path,
    /// Whether the guest's root is an ordinary user of the host.
    pub(in crate::ops) unprivileged: bool,
    /// Whether a failure is overlooked.
    pub(in crate::ops) forgive: bool,
    /// How much of the archive may be read in a second, bytes.
    pub(in crate::ops) rate: Option<u64>,
}

impl Unpack<'_> {
    /// Does it.
    pub(in crate::ops) fn run(&self, log: &TaskLog) -> Result<(), Die> {
        let input = self.open()?;
        match self.archive.path() {
            Some(path) => log.line(&format!("extracting archive '{}'", path.display())),
            None => log.line("extracting archive from STDIN"),
        }
        let say = |line: &str| log.line(line);
        let done = match self.rate {
            None => self.tar()?.stdin(input).run(&say),
            Some(rate) => self.slowly(input, rate, &say),
        };
        match done {
            Err(Die::Command { .. }) if self.forgive => Ok(()),
            done => done,
        }
    }

    fn open(&self) -> Result<File, Die> {
        match self.archive.path() {
            Some(path) => File::open(path).map_err(Die::io("open", path)),
            None => stdin().as_fd().try_clone_to_owned().map(File::from).map_err(Die::io("open", "standard input")),
        }
    }

    fn tar(&self) -> Result<Program, Die> {
        Ok(as_guest_root(self.unprivileged, "tar")
            .args(["xpf", "-"])
            .args(self.archive.decompressor()?)
            .arg("--totals")
            .args(COMMON)
            .arg("-C")
            .arg(self.root)
            .args(["--skip-old-files", "--anchored", "--exclude", "./dev/*"]))
    }

    /// Proxmox puts cstream in front of tar; here this process copies in its stead, and failures bear the same name.
    fn slowly(&self, mut input: impl Read + Send, rate: u64, say: &(dyn Fn(&str) + Sync)) -> Result<(), Die> {
        // When tar ends early the copy cannot go on; tar's own end tells why.
        let feed = |mut pipe: std::process::ChildStdin| drop(pace::copy(&mut input, &mut pipe, rate));
        self.tar()?.run_fed(feed, say).map_err(|error| match error {
            Die::Command { command, how } => {
                Die::Command { command: format!("set -o pipefail && cstream -t {rate} | {command}"), how }
            }
            other => other,
        })
    }
}
