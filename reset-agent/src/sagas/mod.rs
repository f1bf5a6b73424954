//! Names and versions → plans.

mod destroy;
mod plans;
mod provision;

pub use destroy::{DESTROY, destroy};
pub use plans::Plans;
pub use provision::{PROVISION, provision};
