//! Names and versions → plans.

mod destroy;
mod plans;
mod provision;
mod warm;

pub use destroy::{DESTROY, destroy};
pub use plans::Plans;
pub use provision::{PROVISION, provision};
pub use warm::{WARM, warm};
