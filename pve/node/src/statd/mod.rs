//! What the cluster knows of its nodes, guests and storages: looked at every ten seconds, and as old as that.
//!
//! | file | what |
//! |---|---|
//! | [`host`] | the machine: memory, disk, processors, load |
//! | [`stats`] | a node's numbers as they are handed out, and where they lie |
//! | [`round`] | one look at everything, and looking again and again |

pub mod host;
mod round;
mod stats;

pub use round::keep_looking;
pub use stats::{GuestStats, HostStats, Stats, StorageStats};
