//! A program run to its end.
//!
//! [`Invocation`] is the command line as a value, [`Finished`] how it ended, [`CommandError`] why that is no success.

mod error;
mod finished;
mod invocation;
mod run;

pub use error::CommandError;
pub use finished::Finished;
pub use invocation::Invocation;
pub use run::{Line, Stream};
