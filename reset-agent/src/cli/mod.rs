//! The arguments of `reset-agent`: one file per command that takes more than one.

mod command;
mod provision;
mod tokens;
mod warm;

pub use command::{Cli, Command, ProgressForm};
pub use provision::Provision;
pub use tokens::{AuditLog, Tokens};
pub use warm::Warm;
