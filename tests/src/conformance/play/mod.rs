//! Playing: one scenario's steps in turn, what each came to, and the removal of all that was made.
//!
//! [`Player`] goes through a scenario with a [`Scope`](scope::Scope) of names; [`expect`] judges answers;
//! [`cleanup`] knows what may be left; [`report`] prints and counts.

mod cleanup;
mod config;
mod expect;
mod player;
mod report;
mod scope;
mod shell;
mod task;

pub(crate) use cleanup::nothing_in_range;
pub(crate) use player::Player;
pub(crate) use report::Report;
pub use report::Tally;
