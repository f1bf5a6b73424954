//! The lock of a build: what it was given and what is installed, so that it can be made again.
//!
//! ```text
//! inputs (recipe, files, keys, programs) ─┐
//! base (template, or bootstrapped packages) ├─► Lock ─► ARCHIVE.lock.json, golden.lock
//! installed (dpkg's and apt's own words) ──┘
//! ```
//!
//! `--update-lock` writes it beside the recipe once the release is there. `--locked` refuses other inputs before
//! anything is touched, pins every package for apt, and holds what is installed in the end against it.

mod apt;
mod file;
mod inputs;
mod installed;
mod make;
mod mode;

pub use file::{LockFileError, beside_recipe, read, write};
pub use inputs::inputs;
pub use mode::Locking;

pub(crate) use apt::{pins, unavailable};
pub(crate) use file::ENDING;
pub(crate) use installed::{Installed, InstalledError, available, observe};
pub(crate) use make::of_build;
