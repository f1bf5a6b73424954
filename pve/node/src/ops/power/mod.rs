//! Starting and ending guests.

mod checkpoint;
mod request;
mod start;
mod stop;

pub(super) use request::run;
pub use request::{Power, PowerRequest};
pub(super) use start::start_locked;
pub(super) use stop::{kill, shut_down};
