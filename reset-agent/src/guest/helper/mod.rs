//! The helper on the node: reads a guest's tree, puts files into it, has identities made anew; running or stopped. It
//! answers in public halves and digests only.

mod ask;
mod delivery;
mod error;
mod renewal;
mod tree;

pub use ask::Helper;
pub use delivery::{Delivered, Place, PlacedFile};
pub use error::{HelperError, RefusalKind};
pub use renewal::{Renewal, RenewalState};
pub use tree::{Firstboot, FirstbootRecord, GuestTree, HostKey};
