//! Names and versions → plans.

mod plans;
mod provision;

pub use plans::Plans;
pub use provision::{PROVISION, provision};
