//! A guest's NICs, from the host: names, bridges, limits, and what changes while the guest runs.

mod address;
mod bridged;
mod link;
mod live;
mod rate;

pub use bridged::{refuse_missing_bridge, refuse_unfit_mtu};
pub use link::{host_side, is_host_side, plug, unplug};
pub use live::{Running, change};
