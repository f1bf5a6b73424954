//! A guest's tree: found, opened, read.

mod cloud_init;
mod error;
mod look;
mod mounts;
mod running;
mod stopped;
mod tree;

pub use error::ObserveError;
pub use look::observe;
pub use mounts::{Leftover, Mounts, MountsError};
pub(crate) use tree::Tree;
