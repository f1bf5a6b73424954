//! Restores of small crafted archives by the command line: what is kept, what is refused, what is left behind. Needs
//! root, loop devices and `lxc-usernsexec`; no guest is started.

#![expect(clippy::unwrap_used, reason = "a stage that cannot be set up ends its test")]

#[path = "../support/machine.rs"]
mod machine;

mod configurations;
mod containers;
mod crafted;
mod refusals;
mod volumes;
