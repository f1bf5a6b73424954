//! The demo: recipe → golden → three customers → audit, told step by step as a user would do it.
//!
//! It starts the same programs with the same arguments that the how-tos name, and prints each command before it runs.

mod audit;
mod hurried;
mod scenes;
mod table;
mod telling;

pub use scenes::{clean, run};
