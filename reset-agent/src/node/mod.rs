//! The node, as the steps use it: looking before acting, tasks followed to their end, guests removed.
//!
//! | module | job |
//! |---|---|
//! | [`look`](mod@look) | is there a guest of this number, and is it ours |
//! | [`patience`] | a call repeated while the node says "not now" |
//! | [`task`] | a task followed to its end, and what that means |
//! | [`failure`] | a call's error as a step's |
//! | [`turn`] | no more restores, clones and destructions at once than the budgets allow |
//! | [`rights`] | what the token may do |
//! | [`removal`] | stop, destroy, prove it is gone |
//! | [`leftovers`](mod@leftovers) | whether its volumes went with it |

pub mod failure;
pub mod leftovers;
pub mod look;
pub mod patience;
pub mod removal;
pub mod rights;
pub mod task;
pub mod turn;

pub use failure::{called, waited};
pub use leftovers::leftovers;
pub use look::{Found, look, must_be_ours};
pub use patience::patiently;
pub use turn::in_turn;
