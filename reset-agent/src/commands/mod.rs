//! One file per command: what it needs, what it does, what it prints.

mod agent;
mod audit;
mod destroy;
mod dispatch;
mod doctor;
mod list;
mod output;
mod provision;
mod resume;
mod runs;
mod show;

pub use agent::{Agent, Stop};
pub use dispatch::run;
pub use output::Output;
