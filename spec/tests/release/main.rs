//! Signed documents under attack: each test is named after what an attacker would try.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

mod chain;
mod keys;
mod seals;
