//! Further volumes of a guest, as they are asked for: `/srv=10G`.
//!
//! What is not refused here can be mounted: a path that would hide a part of the system, or another volume, is named before
//! anything is touched.
//!
//! | module | job |
//! |---|---|
//! | [`path`] | where a volume may be mounted |
//! | [`asked`] | one volume, and all of a guest together |

pub mod asked;
pub mod path;

pub use asked::{BadVolume, Volume, Volumes, Written};
pub use path::{BadPath, MountPath};
