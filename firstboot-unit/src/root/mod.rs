//! A directory that behaves as `/`.
//!
//! Identity code works on other people's trees: a link in a guest's `/etc` must not lead into the host. Every path
//! given to a [`Root`] is resolved by the kernel with `openat2(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)`: absolute
//! links and `..` stay inside the tree. Changes are made on the resolved parent directory and a single name, so that
//! the last component is never followed by accident.

mod change;
mod descend;
mod entry;
mod error;
mod open;
mod path;
mod read;
mod walk;
mod write;

pub use entry::{Entry, Kind, Stat};
pub use error::RootError;
pub use open::Root;
pub use walk::{Tally, Visit};
pub use write::{NewFile, is_unfinished};
