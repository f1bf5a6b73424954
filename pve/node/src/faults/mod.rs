//! Faults on demand, for tests: what a node does on its worst days, at the moment that a test names.
//!
//! They exist only in a server started with `--test-faults`, and in the tasks that it starts. A [`Fault`] is set over
//! HTTP at `/test/faults`, by an administrator on the same machine; the [`Board`] keeps it in a file below `run`, since
//! every task is a process of its own and must see it too.
//!
//! | what is met | module |
//! |---|---|
//! | a request or its answer: late, held, lost, cut, garbled, refused, stale | `layer`, `answers` |
//! | a task: held, failed, killed, at a point of its work | `task` |
//! | a storage without room | [`Board::is_full`], asked where volumes are made |
//! | a node out of reach | `lost` |

mod answers;
mod board;
mod fault;
mod layer;
mod lost;
mod pattern;
mod route;
mod task;

pub use board::{Board, Held, Set};
pub use fault::{At, Do, Fault, RequestFault, Strike, TaskFault, When};
pub use layer::around;
pub use pattern::Pattern;
pub use task::{Point, due, follow, outcome, reach};
