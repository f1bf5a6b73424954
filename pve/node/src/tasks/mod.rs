//! Tasks: work that outlives the call that asked for it.
//!
//! Every task is a process of its own ([`start`] spawns it, [`work()`] is its inside), in a session and a mount namespace
//! of its own: killing the API server touches no task. Its UPID names the real process and the process's start, so that
//! anybody can tell whether it still lives; its log file ends with its last word. Nothing else is kept: a log without a
//! last word whose process is gone reads `unexpected status`.

mod interrupt;
mod list;
mod log;
mod process;
mod request;
mod spawn;
mod status;
mod work;

pub use interrupt::arrived as interrupted;
pub use list::{Filter, Source, list};
pub use log::{TaskLog, log_lines};
pub use process::{is_alive, start_ticks};
pub use request::TaskRequest;
pub use spawn::{foreground, start, stop};
pub use status::{exit_status, find, status};
pub use work::work;
