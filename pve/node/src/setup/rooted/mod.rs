//! A guest's tree as `/`: no path, link or `..` in it resolves outside.
//!
//! [`Root`] opens and looks; its writing half replaces files by rename, as the guest's root, and leaves alone what the
//! guest's administrator keeps with `.pve-ignore.NAME`.

mod bytes;
mod tree;
mod write;

pub use tree::Root;
