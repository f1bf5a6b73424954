//! What the node writes into guests' trees, distribution by distribution: small trees, made here, and the bytes that
//! must be in them afterwards.

#![expect(clippy::unwrap_used, reason = "a tree that cannot be made ends its test")]

mod debian;
mod identity;
mod others;
mod red_hat;
mod tree;
mod ubuntu;
