//! The helper on the node: reads a guest's tree and puts files into it, running or stopped. It answers in public halves and
//! digests only.

mod ask;
mod delivery;
mod error;
mod gate;
mod tree;

pub use ask::Helper;
pub use delivery::{Delivered, Place, PlacedFile};
pub use error::{HelperError, RefusalKind};
pub use gate::Gate;
pub use tree::{Firstboot, FirstbootRecord, GuestTree, HostKey};
