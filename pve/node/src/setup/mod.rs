//! What Proxmox does in a guest's tree when it is created, restored, cloned and started.
//!
//! | module | what |
//! |---|---|
//! | [`hooks`] | the occasions, and what is done on each |
//! | [`rooted`] | the tree as `/`: nothing in it leads outside |
//! | [`detect`] | distribution, version, architecture |
//! | [`names`], [`network`], [`init`], [`timezone`] | what the configuration says, written as each distribution reads it |
//! | [`identity`] | what a guest must not share with its template |
//! | [`fixup`] | what a distribution's templates lack |
//! | [`marked`] | Proxmox's own block in a file of the guest's |
//!
//! What is written is decided by pure functions over the old text; the tests of each module hold the bytes.

mod detect;
mod fixup;
mod guest;
pub mod hooks;
mod host;
mod identity;
mod init;
mod marked;
mod names;
mod network;
pub mod rooted;
mod say;
mod timezone;

pub use detect::Ostype;
pub use hooks::{Around, NewGuest, Setup};
pub use say::Say;
