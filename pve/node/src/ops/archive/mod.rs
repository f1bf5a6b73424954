//! Archives: reading the configuration in one, and unpacking one, by GNU tar with Proxmox's flags.

mod conf;
mod pace;
mod source;
mod unpack;

pub use conf::read_conf;
pub(super) use conf::recover;
pub(super) use pace::copy as copy_paced;
pub(super) use source::Archive;
pub(super) use unpack::Unpack;

/// How files are packed and unpacked, wherever Proxmox runs tar.
pub(super) const COMMON: &[&str] = &[
    "--one-file-system",
    "-p",
    "--sparse",
    "--numeric-owner",
    "--acls",
    "--xattrs",
    "--xattrs-include=user.*",
    "--xattrs-include=security.capability",
    "--warning=no-file-ignored",
    "--warning=no-xattr-write",
];
