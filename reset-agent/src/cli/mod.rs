//! The arguments of `reset-agent`: one file per command that takes more than one.

mod batch;
mod command;
mod customers;
mod doctor;
mod ledger;
mod pool;
mod provision;
mod recover;
mod ssh;
mod tokens;
mod warm;

pub use batch::Batch;
pub use command::{Cli, Command, ProgressForm};
pub use customers::Customers;
pub use doctor::Doctor;
pub use ledger::{Ledger, LedgerAlone};
pub use pool::{Claim, Pool};
pub use provision::Provision;
pub use recover::Recover;
pub use ssh::Ssh;
pub use tokens::{AuditLog, Tokens};
pub use warm::Warm;
