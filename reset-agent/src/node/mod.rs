//! The node, as the steps use it: looking before acting, tasks followed to their end, guests removed.
//!
//! | module | job |
//! |---|---|
//! | [`look`](mod@look) | is there a guest of this number, and is it ours |
//! | [`patience`] | a call repeated while the node says "not now" |
//! | [`task`] | a task followed to its end, and what that means |
//! | [`failure`] | a call's error as a step's |
//! | [`removal`] | stop, destroy, prove it is gone |

pub mod failure;
pub mod look;
pub mod patience;
pub mod removal;
pub mod task;

pub use failure::{called, waited};
pub use look::{Found, look};
pub use patience::patiently;
