//! Tasks: work that outlives the call that asked for it.
//!
//! Every task is a process of its own ([`start`] spawns it, [`work()`] is its inside), in a session and a mount namespace
//! of its own: killing the API server touches no task. Its UPID names the real process and the process's start, so that
//! anybody can tell whether it still lives; its log file ends with its last word. A log without a last word whose process
//! is gone reads `unexpected status`. Whoever starts a task or sees one end takes note of it ([`take_note`]) in the files
//! that the lists are made from.

mod active;
mod interrupt;
mod list;
mod log;
mod process;
mod request;
mod spawn;
mod status;
mod work;

pub use active::{take_note, unfinished};
pub use interrupt::arrived as interrupted;
pub use list::{Filter, Source, cluster_list, is_own, list};
pub use log::{TaskLog, log_lines};
pub use process::{is_alive, start_ticks};
pub use request::TaskRequest;
pub use spawn::{foreground, start, stop};
pub use status::{exit_status, find, status};
pub use work::work;
