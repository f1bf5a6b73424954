//! How much of an archive is read before it is called an attack.

use std::time::Duration;

/// The caps of one reading. The defaults fit any golden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of the inflated tar stream.
    pub tar_bytes: u64,
    /// The most bytes that all files have once unpacked, holes included.
    pub tree_bytes: u64,
    /// The most bytes that one byte of the file may inflate to; looked at from [`Limits::RATIO_FROM`] on.
    pub ratio: u64,
    /// The most members.
    pub members: u64,
    /// The longest name or link target, in bytes.
    pub path_bytes: u32,
    /// The most components of a name.
    pub depth: u32,
    /// The most bytes of all names and link targets together.
    pub names_bytes: u64,
    /// The largest zstd window, as a power of two; it bounds the decoder's memory.
    pub window_log: u32,
    /// The most bytes of one file that is kept for a closer look.
    pub kept_bytes: u64,
    /// The longest that an inspection may take.
    pub wall: Duration,
}

impl Limits {
    /// Below so many inflated bytes nobody asks for the ratio: a small archive of zeros is no attack. MariaDB and
    /// PostgreSQL set a log of 100 MiB of zeros aside, and it may stand before everything else.
    pub const RATIO_FROM: u64 = 256 << 20;
    /// The longest component of a name: Linux has no longer ones.
    pub const COMPONENT_BYTES: usize = 255;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tar_bytes: 16 << 30,
            tree_bytes: 64 << 30,
            ratio: 200,
            members: 2_000_000,
            path_bytes: 4096,
            depth: 256,
            names_bytes: 128 << 20,
            window_log: 27,
            // As much as strip reads of a text: the configuration that Redis and Valkey ship has 120 KiB.
            kept_bytes: 256 << 10,
            wall: Duration::from_mins(30),
        }
    }
}
