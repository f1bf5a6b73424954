//! Mintmark tested and shown on real containers.
//!
//! - [`conformance`]: Proxmox's recorded answers played against a node (`make conformance`).
//! - [`demo`]: the whole path on one machine (`make demo`).
//! - [`lab`]: a node, its helper, a builder and an agent in one folder, all run as a user runs them.
//! - [`suite`]: every test of the workspace, counted together (`make test`).

pub mod conformance;
pub mod demo;
pub mod lab;
pub mod suite;
