//! Archives as vzdump makes them, and as an attacker would.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must stop")]

mod damage;
mod digests;
mod gnu_tar;
mod inspection;
mod making;
mod packing;
mod refusals;
mod secrets;
mod shapes;
