//! What Proxmox writes into a guest's tree: a little at every start, more when a guest is made from a template.
//!
//! Every access goes through [`rooted::Root`], so that nothing in a guest can lead to a file of the host. The texts are
//! made by pure functions ([`hosts`], [`resolv`], [`interfaces`]); this module decides when they are written.

mod at_create;
mod at_start;
pub mod hosts;
pub mod interfaces;
mod ostype;
pub mod resolv;
pub mod rooted;

pub use at_create::{NewGuest, at_create};
pub use at_start::at_start;
pub use ostype::detect_ostype;
