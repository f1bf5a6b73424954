//! `pct`: containers on the node.

mod call;
mod create;
mod exec;
mod list;
mod status;

pub use call::Pct;
pub use create::{CreateGuest, DestroyOptions};
pub use exec::GuestCommand;
pub use list::ListedGuest;
pub use status::{GuestStatus, RunState};
