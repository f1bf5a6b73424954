//! A guest's tree: found, opened, read.

mod error;
mod look;
mod process;
mod running;
mod stopped;

pub use error::ObserveError;
pub use look::observe;
