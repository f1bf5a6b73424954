//! Whole trees under strip, observe and boot. One binary, linked once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod attest;
mod boot;
mod escape;
mod golden_trees;
mod observe;
mod renew;
mod sleep;
mod tree;
