//! How results reach people: tables on stdout, progress on stderr.

mod customers;
mod outcome;
mod progress;
mod rebuilt;
mod rehearsal;
mod ssh;
mod table;

pub use customers::customers;
pub use outcome::{outcome, outcome_line};
pub use progress::Progress;
pub use rebuilt::rebuilt;
pub use rehearsal::rehearsal;
pub use ssh::revoked;
pub use table::{comparison, guests, runs, table};
