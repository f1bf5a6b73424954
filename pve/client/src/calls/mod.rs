//! The calls, a resource per file.

mod cluster;
mod config;
mod guests;
mod restore;
mod storage;
mod tasks;

pub use config::{BadNets, ConfigChange, config_nets};
pub use guests::interface_addresses;
pub use restore::Restore;
pub use tasks::{TaskFilter, TaskResult, WaitError};
