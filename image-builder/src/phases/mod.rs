//! The phases of a build, one a file. Each takes the value of the phase before it, so none can be left out.

mod access;
mod bake;
mod budget;
mod check;
mod create;
mod customize;
mod fetch;
mod inspect;
mod locked;
mod minimize;
mod pack;
mod publish;
mod stop;
mod strip;

pub use access::AccessError;
pub use bake::{BakeError, Baked};
pub use budget::BudgetError;
pub use check::{CheckError, Checked};
pub use create::{Created, CreatedError};
pub use customize::{CustomizeError, Customized};
pub use fetch::{FetchError, Fetched};
pub use inspect::{InspectError, Inspected};
pub use locked::{LockedError, hold};
pub use minimize::{MinimizeError, Minimized};
pub(crate) use pack::backup;
pub use pack::{PackError, Packed};
pub use publish::{PublishError, Published};
pub use stop::{StopError, Stopped};
pub use strip::{StripError, Stripped};

pub(crate) use publish::{VERDICT, pretty};
