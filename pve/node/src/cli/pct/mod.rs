//! `pct`: root's tool for guests.

mod attach;
mod commands;
mod cpusets;
mod disks;
mod files;
mod mounts;
mod rescan;
mod show;
mod snapshots;

pub(super) use commands::PCT;
