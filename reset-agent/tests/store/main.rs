//! The store's cases: the journal and the ledger over a real SQLite file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod conflicts;
mod contention;
mod customers;
mod documents;
mod fixture;
mod host_certificates;
mod journal;
mod killed;
mod life;
mod opening;
mod pool;
mod populated;
mod tables;
mod turns;
mod verifying;
