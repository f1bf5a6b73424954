//! Making a guest from another one.
//!
//! | When | What | Where |
//! |---|---|---|
//! | before the task | both guests are locked, what is to be copied is looked at, the new configuration is written | [`admit()`] |
//! | | what the copy's configuration says | `conf` |
//! | in the task | disks are copied or linked, the tree is made another's | `run` |
//!
//! The copied guest's lock is `disk`, the copy's `create`; a killed worker leaves both, and the disks that it made.

mod admit;
mod conf;
mod request;
mod run;

pub use admit::admit;
pub use request::{CloneJob, CloneRequest, ClonedDisk, Need};
pub(super) use run::run;
