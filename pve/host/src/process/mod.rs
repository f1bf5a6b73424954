//! A program run to its end.
//!
//! [`Invocation`] is the command line as a value, [`Finished`] how it ended, [`CommandError`] why that is no success,
//! [`Interrupt`] the wish that it ends early, [`Piped`] a program that its caller feeds and reads meanwhile.
//! [`ProcessId`] names any process so that a later one with its number is not taken for it.

mod end;
mod error;
mod finished;
mod id;
mod interrupt;
mod invocation;
mod piped;
mod run;

pub use error::CommandError;
pub use finished::Finished;
pub use id::ProcessId;
pub use interrupt::Interrupt;
pub use invocation::Invocation;
pub use piped::Piped;
pub use run::{Line, Stream};
