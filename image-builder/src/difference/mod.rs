//! Where two archives unpack to different trees, and why they do.
//!
//! | module | what it is |
//! |---|---|
//! | `inventory` | one pass over an archive: what stands at each path |
//! | `compare` | two inventories, path by path |
//! | `known` | what is known to differ between builds, and what to do about it |
//!
//! Times and the order of members do not count, nor does the configuration, which a golden has a digest of its own for.

mod compare;
mod inventory;
mod known;

pub use compare::{PathDifference, compare};
pub use inventory::{InventoryError, inventory};
