//! How results reach people: tables on stdout, progress on stderr.

mod progress;
mod table;

pub use progress::Progress;
pub use table::{comparison, guests, outcome, runs, table};
