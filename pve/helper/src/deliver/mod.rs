//! Files put into a guest: a closed set of places, written as the guest's own root and nothing more.
//!
//! ```text
//!   request ──► places (which names, how large: pure) ──► drop_in (what goes along)
//!   guest ────► tree (opened by the node's root) ──► guest_root (a thread that becomes the guest's root)
//!                                                        └─► survey (nothing in the way?) ──► write
//! ```
//!
//! Nothing is created before the whole way has been looked at: a link, a device or a directory that somebody else
//! could change ends the delivery with nothing written. After it the place holds what was delivered and nothing that
//! was delivered earlier; a delivery of nothing withdraws.

mod drop_in;
mod error;
mod guest_root;
mod perform;
mod places;
mod survey;
mod write;

pub use error::DeliverError;
pub use guest_root::{GuestRoot, NoGuestRoot};
pub use perform::deliver;
