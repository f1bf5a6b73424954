//! The API's paths, and who answers them.

mod access;
mod clone;
mod cluster;
mod config;
mod content;
mod create;
mod guest;
mod move_volume;
mod node;
mod permit;
mod pools;
mod power;
mod resize;
mod resources;
mod snapshot;
mod status;
mod storage;
mod storage_config;
mod streams;
mod table;
mod tasks;
mod volume_access;
mod vzdump;

pub use config::config_values;
pub use status::status_row;
pub use table::{Handler, handler};
