//! Tasks followed to their end.

mod ended;
mod wait;

pub use ended::{TaskFailed, TaskResult};
pub use wait::{OnCancel, WaitError, Watched};
