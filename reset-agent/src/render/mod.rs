//! How results reach people: tables on stdout, progress on stderr.

mod customers;
mod outcome;
mod progress;
mod rebuilt;
mod rehearsal;
mod table;

pub use customers::customers;
pub use outcome::{outcome, outcome_line};
pub use progress::Progress;
pub use rebuilt::rebuilt;
pub use rehearsal::rehearsal;
pub use table::{comparison, guests, runs, table};
