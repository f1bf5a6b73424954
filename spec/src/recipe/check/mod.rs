//! From the recipe as written to the recipe as accepted, or every key that is wrong and why.

mod access;
mod base;
mod clean;
mod container;
mod minimize;
mod packages;
mod recipe;
mod steps;

use recipe::required;
pub use recipe::{NamedFile, named_files};
