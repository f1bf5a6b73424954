//! The work that tasks do, one operation per file.
//!
//! An operation takes the guest's lock for its whole length, or leaves a `lock:` line in its configuration where that
//! would be too long for others; it looks at the configuration again (what was true when the
//! call was accepted need not be true any more), and says what it does in the task's log.

mod archive;
pub mod clone;
pub mod config;
mod copy;
mod destroy;
mod duplicate;
mod job;
mod lock_line;
mod membership;
pub mod move_volume;
pub mod new_guest;
mod power;
pub mod resize;
pub mod snapshot;
pub mod template;
mod volumes;
mod vzdump;

pub use archive::read_conf;
pub use config::{Change, ConfigError, May, Touched, apply as apply_config, read_deletions};
pub use copy::CopyRequest;
pub use destroy::{DestroyRequest, admit as admit_destroy};
pub use job::{Job, Op, run};
pub use new_guest::NewGuestRequest;
pub use power::{Power, PowerRequest};
pub use volumes::{allocate, kib, plan_pruning};
pub use vzdump::{Defaults as VzdumpDefaults, VzdumpRequest, stop_running as stop_running_backup};
