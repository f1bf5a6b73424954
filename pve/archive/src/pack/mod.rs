//! Packing: a tree as an archive, the same bytes for the same tree.
//!
//! ```text
//! walk (sorted, descriptors only) ─► member (headers, PAX) ─► sparse (holes by content) ─► zstd ─► out
//! ```
//!
//! [`pack()`] writes what `vzdump` would: `./etc/vzdump/pct.conf` first, then `./` and everything below it, with owners
//! by number, hard links, devices, ACLs, `user.` attributes, capabilities and holes. Where vzdump's archive follows the
//! order of directories on disk and the clock, this one follows names and a given newest time; where GNU tar asks the
//! file system for holes, this asks the content. So two trees of equal content give one archive on any machine.

mod acl;
mod attributes;
mod error;
mod header;
mod member;
mod options;
mod sparse;
mod walk;
mod write;

pub use error::PackError;
pub use options::{PackOptions, Packed};
pub use write::pack;
