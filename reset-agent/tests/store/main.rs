//! The store's cases: the journal and the ledger over a real SQLite file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod conflicts;
mod contention;
mod customers;
mod documents;
mod fixture;
mod journal;
mod killed;
mod life;
mod opening;
mod pool;
mod populated;
mod tables;
mod verifying;
mod turns;
