//! Containers as this machine has them: disk images, mounts, LXC, and the bridge that they hang on.

pub mod bridge;
mod dhcp;
mod firewall;
pub mod freeze;
pub mod hot_mount;
pub mod idmap;
pub mod image;
pub mod interfaces;
pub mod launch;
pub mod limits;
pub mod lxc;
mod lxc_config;
pub mod mount;
pub mod namespace;
pub mod nic;
pub mod process;
pub mod usage;
