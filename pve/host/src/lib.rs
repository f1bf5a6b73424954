//! A Proxmox VE node's own programs as typed calls: `pct`, `vzdump`, `pvesm`.
//!
//! This is the one place that starts programs. A [`Host`] says where they are: on a true Proxmox under their own names,
//! on the embedded node as subcommands of `pve-node`. The calls are the same, so nobody above can tell the two apart.
//!
//! | module | what it is |
//! |---|---|
//! | [`process`] | a program run to its end: output captured, lines told as they come, a deadline, errors that quote it |
//! | [`pct`] | containers: create, start, exec, mount, destroy, … |
//! | [`vzdump`] | a backup of a container |
//! | [`pvesm`] | storages and their volumes |
//! | [`Rehearsal`] | calls written down instead of made |
//! | [`tarball`] | what a plain `tar \| zstd` would weigh |
//! | [`tar`] | GNU tar as a second reader of archives |
//!
//! Arguments are never joined into a shell line; what the programs print is read by pure functions beside each call.

mod host;
pub mod pct;
pub mod process;
pub mod pvesm;
mod rehearsal;
pub mod tar;
pub mod tarball;
pub mod vzdump;

pub use host::Host;
pub use rehearsal::Rehearsal;
