//! Who works on a run right now.
//!
//! A file's agents are all on one machine (SQLite in WAL mode demands it), so a lock of the kernel's tells. A server's
//! agents are anywhere: there a row says until when a run is its holder's, and the holder moves the end on while it
//! lives. The fence number in `runs` stays the judge in both: a lease is only how one learns whether to try.

mod file;
mod holds;
pub(super) mod row;

pub(super) use file::{FileLease, FileLeases};
pub(crate) use holds::Holds;
pub(super) use row::RowLeases;

/// How runs are held.
#[derive(Debug, Clone)]
pub(crate) enum Leases {
    /// By locks on files beside the ledger.
    Files(FileLeases),
    /// By rows with an end.
    Rows(RowLeases),
}
