//! Guests that a run made after it was given up: a request that was on its way while the run was undone comes to be when
//! nobody looks any more. They are stopped, with their links down, and bear the mark of a run that is closed.
//!
//! | module | job |
//! |---|---|
//! | [`judge`](mod@judge) | what is known of a guest and of its run → whose it is, and what keeps it from being removed: pure |
//! | [`survey`](mod@survey) | the node's guests with a mark, each judged |
//! | [`attempt`](mod@attempt) | the run that removes one: the same for all agents of a ledger |

pub mod attempt;
pub mod judge;
pub mod survey;

pub use attempt::{Attempt, attempt};
pub use judge::{Answer, Facts, Standing, judge};
pub use survey::{Found, facts, survey};
