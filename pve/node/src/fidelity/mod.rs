//! How near the node is to Proxmox VE, said by the node itself: what it serves, and what is different.
//!
//! `docs/pve-node.md` holds the printed page; a test keeps it what this module says.

mod differences;
mod page;

pub use differences::{DIFFERENCES, Difference};
pub use page::page;
