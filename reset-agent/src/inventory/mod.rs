//! What already exists, and the choice of what does not: VMIDs, hostnames and MAC addresses of new guests.

mod mac;
mod survey;
pub mod twin;

pub use mac::{BadMacPrefix, MacPrefix, OutOfMacs, draw_mac};
pub use survey::Inventory;
