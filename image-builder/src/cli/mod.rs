//! The commands: parse, do, print. Results go to stdout, everything else to stderr.

mod args;
mod build;
mod catalog;
mod catalog_dir;
mod channels;
mod construct;
mod diff;
mod distribute;
mod drill;
mod first_boot;
mod gc;
mod inspect;
mod left;
mod lifetime;
mod lint;
mod log;
mod node;
mod pack;
mod plan;
mod print;
mod promote;
mod prune;
mod rebuild_check;
mod releases;
mod run;
mod sbom;
mod show;
mod sign;
mod sizes;
mod trust;
mod verify;
mod withdraw;

pub use args::Arguments;
pub use print::report;
pub use run::run;
