//! Backing guests up.
//!
//! | step | module |
//! |---|---|
//! | what is asked for, with the node's defaults | `request`, `defaults`, `settings`, `command_line` |
//! | one job at a time on a node | `global_lock` |
//! | a job: one guest after the other | `job` |
//! | a guest: look, lock, freeze or stop, pack, keep, prune, let go | `guest`, `modes` |
//! | which volumes go in | `mounts` |
//! | a running guest's tree, copied twice | `sync` |
//! | the tree into the archive | `archive`, `scratch`, `pipeline` |
//! | what stands beside it, and which older ones go | `notes`, `keep` |
//! | a person's own script between the steps | `hook` |
//! | words and names | `text`, `guest_log` |

mod archive;
mod command_line;
mod defaults;
mod global_lock;
mod guest;
mod guest_log;
mod hook;
mod job;
mod keep;
mod modes;
mod mounts;
mod notes;
mod pipeline;
mod request;
mod scratch;
mod settings;
mod snapshot;
mod sync;
mod text;

pub use defaults::Defaults;
pub use global_lock::stop_running;
pub(super) use job::run;
pub use request::VzdumpRequest;
