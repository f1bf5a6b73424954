//! What the node said: read from reason phrase and body, understood, and sorted by what follows from it.

mod class;
mod meaning;
mod phrases;
mod refusal;

pub use class::{Class, class_of_task};
pub use meaning::Meaning;
pub use refusal::Refusal;
