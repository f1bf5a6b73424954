//! Names and versions → plans.

mod destroy;
mod orphan;
mod plans;
mod pool;
mod provision;
mod recover;
mod warm;

pub use destroy::{DESTROY, destroy};
pub use orphan::{ORPHAN, orphan};
pub use plans::Plans;
pub use pool::{CLAIM, STOCK, claim, stock};
pub use provision::{PROVISION, provision};
pub use recover::{RECOVER, recover};
pub use warm::{WARM, warm};
