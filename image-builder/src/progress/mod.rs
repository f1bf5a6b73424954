//! What is told while a build runs. Everything here goes to stderr: stdout is the result's.

mod bars;
mod json;
mod phase;
mod plain;
mod told;

pub use bars::Bars;
pub use json::JsonLines;
pub use phase::Phase;
pub use plain::Plain;
pub use told::Progress;
