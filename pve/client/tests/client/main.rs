//! The client against recorded answers, and against a small HTTPS server that answers as a test wants.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

mod calls;
mod classes;
mod cluster;
mod corpus;
mod lanes;
mod refusals;
mod server;
mod tasks;
mod trace;
mod transport;
mod versions;
