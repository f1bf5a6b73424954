//! Mintmark tested and shown on real containers.
//!
//! - [`suite`]: every test of the workspace, counted together (`make test`).
pub mod suite;
