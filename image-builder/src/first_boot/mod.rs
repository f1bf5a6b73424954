//! The first-boot compiler: what the first boot of a guest will do, told from its tree. Nothing is run or booted.
//!
//! | module | what it is |
//! |---|---|
//! | [`facts`] | everything that is looked at, as a value |
//! | [`mod@read`] | a tree → facts: the only part that touches files |
//! | [`mod@compile`] | facts → report |
//! | `unit_file`, `unit`, `names` | systemd's unit files and what they say |
//! | `condition` | conditions of units: met, not met, or not to be told from a tree |
//! | `units`, `read_units` | all units of a tree: precedence, drop-ins, masks, aliases, links |
//! | `boot` | which units a boot pulls in, and their order |
//! | `presets` | what a first boot's presets change |
//! | `makers` | who makes host keys |
//! | `ssh`, `openrc` | whether the SSH server comes up, under systemd and under OpenRC |
//! | `prompts` | what systemd-firstboot would ask for, and wait |
//!
//! What a tree cannot tell (a generator's units, a file below `/run`) is said to be unverified, never guessed.

mod boot;
mod compile;
mod condition;
mod facts;
mod makers;
mod names;
mod openrc;
mod presets;
mod prompts;
mod read;
mod read_units;
mod ssh;
mod unit;
mod unit_file;
mod units;

pub use compile::{Question, compile};
pub use facts::Facts;
pub use read::read;
