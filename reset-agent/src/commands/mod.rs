//! One file per command: what it needs, what it does, what it prints.

mod audit;
mod audit_log;
mod batch;
mod customers;
mod destroy;
mod dispatch;
mod doctor;
mod ledger;
mod list;
mod orphans;
mod output;
mod pool;
mod provision;
mod recover;
mod resume;
mod runs;
mod serve;
mod show;
mod ssh;
mod tokens;
mod warm;

pub use dispatch::run;
pub use output::Output;
