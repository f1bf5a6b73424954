//! Dry runs: every call that a run would make, in order, and what else it would do. Nothing is touched.
//!
//! The calls are the client's own, made of the steps' own parts, and stopped at a gate that is shut: what is told is what
//! was about to be sent. Told is the way on which all goes well; what a failed run undoes is not.
//!
//! | module | job |
//! |---|---|
//! | [`rehearsal`] | what is told |
//! | [`script`] | the shut gate, and what came to it |
//! | [`later`] | names for what only the run will know |
//! | [`provision`](mod@provision), [`recover`](mod@recover), [`destroy`](mod@destroy) | one verb each |
//! | [`guest`] | the steps that a provisioned and a recovered guest have in common |

mod destroy;
mod guest;
mod later;
mod provision;
mod recover;
mod rehearsal;
mod script;

pub use destroy::destroy;
pub use provision::provision;
pub use recover::recover;
pub use rehearsal::{Act, Does, Rehearsal};
