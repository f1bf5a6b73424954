//! Names and versions → plans.

mod provision;

pub use provision::{PROVISION, provision};
