//! The commands: parse, do, print. Results go to stdout, everything else to stderr.

mod args;
mod build;
mod first_boot;
mod inspect;
mod node;
mod pack;
mod plan;
mod print;
mod releases;
mod run;
mod show;
mod sizes;

pub use args::Arguments;
pub use print::report;
pub use run::run;
