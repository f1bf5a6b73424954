//! Mintmark tested and shown on real containers.
//!
//! - [`mod@bench`]: times beside Proxmox's and beside the same work by hand (`make bench`).
//! - [`conformance`]: Proxmox's recorded answers played against a node (`make conformance`).
//! - [`mod@crash`]: the agent killed at every moment of every step, and taken up again (`make crash-matrix`).
//! - [`demo`]: the whole path on one machine (`make demo`).
//! - [`lab`]: a node, its helper, a builder and an agent in one folder, all run as a user runs them.
//! - [`mod@matrix`]: real packages of Debian's archive, from golden to guest (`make test-matrix`).
//! - [`requirements`]: which test holds which acceptance row.
//! - [`mod@small_recipe`]: the recipe of goldens that are made to be tried.
//! - [`suite`]: every test of the workspace, counted together (`make test`).

pub mod bench;
pub mod conformance;
pub mod crash;
pub mod demo;
pub mod lab;
pub mod matrix;
pub mod requirements;
mod small_recipe;
pub mod suite;

pub use small_recipe::small_recipe;
