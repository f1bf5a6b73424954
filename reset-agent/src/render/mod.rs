//! How results reach people: tables on stdout, progress on stderr.

mod outcome;
mod progress;
mod table;

pub use outcome::outcome;
pub use progress::Progress;
pub use table::{comparison, guests, runs, table};
