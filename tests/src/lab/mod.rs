//! A node, its helper, a builder and an agent in one state directory: what a story or the demo plays with.
//!
//! Everything goes through the programs as a user starts them; nothing of theirs is linked in. [`Lab`] opens and
//! closes the whole, [`Served`] is an agent that serves its API, [`Programs`] knows where cargo put the binaries, [`Done`]
//! is a program's end, [`until`] waits.

mod at_once;
mod btrfs;
mod done;
mod faults;
mod layout;
mod open;
mod peak;
mod poll;
mod programs;
mod release;
mod serve;

pub use at_once::at_once;
pub use btrfs::Btrfs;
pub use done::{Done, run};
pub use faults::Fault;
pub use layout::Layout;
pub use open::{Lab, Settings};
pub use peak::run_and_weigh;
pub use poll::until;
pub use programs::Programs;
pub use serve::{Answer, Event, Served};
