//! What is measured, in turn: ours, then the same by hand, so that both meet the machine in the same mood.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::by_hand;
use super::golden::Golden;
use super::inspect;
use super::provision::{self, Provisions};
use super::warm::Warm;
use crate::lab::Lab;

/// How often each is measured; the median counts.
const ROUNDS: usize = 5;
/// The same, of inspections: they take half a second, and differ by a tenth.
const INSPECTIONS: usize = 15;
const GUEST: &str = "191";
const COPY: &str = "192";

/// One line of the table.
pub(super) struct Row {
    pub(super) what: &'static str,
    pub(super) ours: Duration,
    /// What Proxmox's own code took on this kind of machine, seconds.
    pub(super) recorded: Option<f64>,
    pub(super) by_hand: Option<Duration>,
}

/// Every row, with the archive's size for the heading.
pub(super) struct Measured {
    pub(super) rows: Vec<Row>,
    pub(super) packed: u64,
    /// The most memory that an inspection took, KiB.
    pub(super) peak: u64,
    /// Of each golden out of its archive, and warm.
    pub(super) provisions: Vec<[Provisions; 2]>,
}

pub(super) fn all(lab: &Lab, golden: &Golden) -> Result<Measured> {
    let folder = lab.layout.root().join("by-hand");
    fs::create_dir_all(&folder)?;
    let (mut restore, mut start, mut destroy, mut clone, mut dump) = (vec![], vec![], vec![], vec![], vec![]);
    let (mut unpacked, mut packed) = (vec![], vec![]);
    let storage = lab.btrfs()?;
    let warm = Warm::open(lab, golden)?;
    let (mut cold_births, mut warm_births) = (vec![], vec![]);
    let (mut inspected, mut inflated, mut peak) = (vec![], vec![], 0);
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}");
        let guest =
            ["restore", GUEST, &golden.volid, "--rootfs", "local:10", "--unprivileged", "1", "--features", "nesting=1"];
        restore.push(ours(lab, &["pct"], &guest)?);
        unpacked.push(by_hand::restore(&golden.path, &folder)?);
        start.push(ours(lab, &["pct"], &["start", GUEST])?);
        lab.pct(&["stop", GUEST])?.ok()?;
        clone.push(ours(lab, &["pct"], &["clone", GUEST, COPY, "--full", "1"])?);
        lab.pct(&["destroy", COPY])?.ok()?;
        dump.push(ours(lab, &["vzdump"], &[GUEST, "--mode", "stop", "--compress", "zstd", "--storage", "local"])?);
        remove_dumps(lab)?;
        packed.push(packed_by_hand(lab, &folder)?);
        destroy.push(ours(lab, &["pct"], &["destroy", GUEST])?);
        let (cold, linked) = warm.round()?;
        cold_births.push(cold);
        warm_births.push(linked);
    }
    // Apart from the rest: what the restores left to be written takes a processor, and an inspection uses both while
    // zstd uses one.
    rustix::fs::sync();
    for _ in 0..INSPECTIONS {
        let inspection = inspect::round(lab, &golden.own)?;
        inspected.push(inspection.ours);
        inflated.push(inspection.inflating);
        peak = peak.max(inspection.peak);
    }
    let rows = vec![
        Row { what: "restore", ours: median(restore), recorded: Some(2.8), by_hand: Some(median(unpacked)) },
        Row { what: "start, until the task ends", ours: median(start), recorded: Some(1.6), by_hand: None },
        Row { what: "full clone", ours: median(clone), recorded: Some(7.2), by_hand: None },
        Row { what: "vzdump, stopped guest", ours: median(dump), recorded: None, by_hand: Some(median(packed)) },
        Row {
            what: "inspect our golden, beside zstd -dc",
            ours: median(inspected),
            recorded: None,
            by_hand: Some(median(inflated)),
        },
        Row {
            what: "linked clone on btrfs, beside a restore there",
            ours: median(warm_births),
            recorded: None,
            by_hand: Some(median(cold_births)),
        },
        Row { what: "destroy", ours: median(destroy), recorded: Some(0.3), by_hand: None },
    ];
    drop(warm);
    let provisions = provision::all(lab, &storage, golden)?;
    Ok(Measured { rows, packed: golden.packed, peak, provisions })
}

pub(super) fn ours(lab: &Lab, tool: &[&str], arguments: &[&str]) -> Result<Duration> {
    let begun = Instant::now();
    lab.node(&[tool, arguments].concat())?.ok()?;
    Ok(begun.elapsed())
}

fn packed_by_hand(lab: &Lab, folder: &Path) -> Result<Duration> {
    let mounted = lab.pct(&["mount", GUEST])?.ok()?.stdout;
    let root = mounted.split('\'').nth(1).context("the mount's path")?;
    let taken = by_hand::pack(Path::new(root), &folder.join("packed.tar.zst"));
    lab.pct(&["unmount", GUEST])?.ok()?;
    fs::remove_file(folder.join("packed.tar.zst"))?;
    taken
}

fn remove_dumps(lab: &Lab) -> Result<()> {
    let prefix = format!("vzdump-lxc-{GUEST}-");
    for entry in fs::read_dir(lab.layout.dump())? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
