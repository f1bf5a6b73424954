//! The node that is played against: where it is, how it is spoken to, and what it has.
//!
//! [`Options`] are what the caller said; [`Target`] is what came of it. [`Embedded`] is the node that the runner starts
//! itself, and the only one with a [`Shell`] so far.

mod client;
mod embedded;
mod found;
mod options;
mod shell;
mod storages;
mod template;
mod tls;

pub(crate) use client::{Answer, Caller, Request};
pub(crate) use embedded::Embedded;
pub(crate) use found::{Target, escaped};
pub use options::Options;
pub(crate) use shell::Shell;
