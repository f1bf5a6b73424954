//! Changing a guest's configuration.
//!
//! | file | what |
//! |---|---|
//! | [`change`] | what is asked for, and which of it contradicts itself |
//! | [`draft`] | the configuration in work: what holds now, what waits, what is to be deleted |
//! | [`enter`] | the change goes into the draft, as waiting |
//! | [`stopped`] | what waits takes effect in a guest that does not run |
//! | [`running`] | what waits takes effect in a guest that runs, as far as that can be |
//! | [`volumes`] | volumes that come and go with mount points |
//! | [`apply()`] | all of it, under the guest's lock |

mod apply;
mod change;
mod draft;
mod enter;
mod error;
mod running;
mod stopped;
mod volumes;

pub use apply::{May, Touched, apply};
pub use change::Change;
pub use draft::{Draft, read_deletions};
pub use error::ConfigError;
pub use stopped::apply_waiting;
