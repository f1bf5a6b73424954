//! On which node of the cluster a new guest is made.
//!
//! Chosen once, when its names are reserved: a pure decision over facts that were just observed. Proxmox moves guests
//! later as it likes; runs follow theirs.

mod choose;
mod facts;
mod place;

pub(crate) use choose::{carrier, choose};
pub use facts::{Unobserved, free_memory, observe};
pub use place::{Ask, Candidate, NoPlace, Room, Unfit, place};
