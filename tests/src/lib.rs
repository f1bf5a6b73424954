//! Mintmark tested and shown on real containers.
//!
//! - [`demo`]: the whole path on one machine (`make demo`).
//! - [`lab`]: a node, its helper, a builder and an agent in one folder, all run as a user runs them.
//! - [`suite`]: every test of the workspace, counted together (`make test`).

pub mod demo;
pub mod lab;
pub mod suite;
