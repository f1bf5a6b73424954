//! Snapshots: a guest's disks and its configuration as they were at a moment.
//!
//! | module | what |
//! |---|---|
//! | [`feature`] | whether a guest's disks allow it |

mod feature;

pub use feature::{allowed, section};
