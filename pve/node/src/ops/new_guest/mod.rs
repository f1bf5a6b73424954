//! Making a guest from a template or a backup.
//!
//! | When | What | Where |
//! |---|---|---|
//! | before the task | may it be made at all? then its number is taken | [`admit`](self) |
//! | in the task | the archived configuration is recovered, privileges are decided | `recover` |
//! | | which volumes it gets (pure), and making them | `plan`, `volumes` |
//! | | unpacking, and what a tree needs besides | `fill` |
//! | | the archived configuration and the caller's, merged (pure) | `merge` |
//!
//! Whatever fails, `run` takes back what was made.

mod admit;
mod fill;
mod merge;
mod plan;
mod recover;
mod request;
mod run;
mod volumes;

pub use admit::{Refusal, admit, look, target_storages};
pub(super) use merge::{items, set, tags, with_address};
pub use plan::{allocation, is_allocation};
pub use request::NewGuestRequest;
pub(super) use run::{forget_mount_directory, run};
