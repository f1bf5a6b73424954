//! Journaled steps with undo: a *run* carries out the steps of a *plan* in order, and writes down what it is
//! about to do before it does it. This crate knows no word of any domain.
//!
//! # What a run guarantees
//!
//! - **Intent before act.** `started` is durable before a step's [`Step::run`] is called, `undo_started` before
//!   [`Step::undo`]. What a step needs to find its own work again (a task's id) it journals itself, as a note.
//! - **Everything started is undone.** A step's error claims nothing about the world: when a step fails, it and all
//!   steps before it are undone, last first.
//! - **One decision.** [`next_move()`] turns a log into the next thing to do. Running, recovering after a crash and
//!   unwinding all ask this one pure function, so a crash is just another start.
//! - **Recovery observes.** After a crash an unended step's `run` is called again with the notes it recorded, so that
//!   it can look at the world before it acts.
//! - **Two ways to end, one to rest.** A run ends `done` or `rolled_back`. It rests `parked` when only a person can
//!   say how to go on: a step asked for it, an undo failed, or a step was begun [`MAX_ATTEMPTS`] times and never ended.
//!
//! ```text
//!             run ok            all ok
//!   ┌──► step i ──────► i+1 ─ ─ ─ ─ ─ ─► done
//!   │       │  │ park
//!   │       │  └───────► parked ──resumed──► (where it was)
//!   │ fails │              │  ▲
//!   │       │   abandoned  │  │ undo fails
//!   │       ▼              ▼  │
//!   │     unwinding: undo i, i-1, … 0 ─ ─ ► rolled back
//!   └─ crash: same question, same answer
//! ```
//!
//! # What a step's author promises
//!
//! 1. `run` may be called again after a crash at any point: look first, then act only on what is missing.
//! 2. `undo` means *make absent*: it works from any half-made state, twice, and touches only what carries this run's mark.
//! 3. Names are chosen and recorded in an early step, so that every later step can be repeated.
//! 4. Outputs, notes and errors are data on disk for ever: no secret is ever put into them.
//!
//! # Map
//!
//! | module | job |
//! |---|---|
//! | [`step`] | what a step is: a name, `run`, `undo`, and the classes of its errors |
//! | [`recorder`] | what a step sees of its run, and how it journals a note |
//! | [`plan`] | steps in order, under a name and a version |
//! | [`event`] | the kinds of record |
//! | [`log`] | one run's records folded; an illegal order is an error value |
//! | `rules` | which record may follow which log |
//! | [`next_move`](mod@next_move) | log → the next thing to do |
//! | [`journal`] | where records go: the trait and its error |
//! | [`memory`] | a journal in memory |
//! | [`executor`] | ask, journal the intent, act, journal the result |
//! | [`outline`] | a run as a printed tree |
//! | `inject`, `laws` | feature `testing`: stop a run anywhere; the laws every plan must keep |

pub mod event;
pub mod executor;
#[cfg(feature = "testing")]
pub mod inject;
pub mod journal;
#[cfg(feature = "testing")]
pub mod laws;
pub mod log;
pub mod memory;
pub mod next_move;
pub mod outline;
mod pen;
pub mod plan;
pub mod recorder;
mod rules;
pub mod step;

pub use event::{Event, Failure, Header, Outcome, Record};
pub use executor::{Executor, Finished, RunEnd, RunError};
pub use journal::{Claim, Journal, JournalError};
pub use log::{Log, LogError, Note, StepState};
pub use memory::MemoryJournal;
pub use next_move::{MAX_ATTEMPTS, Move, Rest, next_move};
pub use outline::Outline;
pub use pen::Progress;
pub use plan::{Plan, PlanError};
pub use recorder::Recorder;
pub use step::{Step, StepError, output};
