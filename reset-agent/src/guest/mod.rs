//! A guest seen from outside: its address, what the helper reads in its tree, and SSH.

mod address;
pub mod attestation;
mod helper;
pub mod ssh;
pub mod visit;

pub use address::{AddressRange, BadRange, addresses_on, is_local, reachable};
pub use helper::{
    Delivered, Firstboot, FirstbootRecord, Gate, GuestTree, Helper, HelperError, HostKey, Place, PlacedFile,
    RefusalKind,
};
