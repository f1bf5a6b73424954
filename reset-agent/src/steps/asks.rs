//! What the steps look at and ask for, for a dry run: the same functions that the steps call, so that the two cannot
//! drift apart.

pub(crate) use super::examine::examine;
pub(crate) use super::machine_id::{issue_of, withdrawal_of};
pub(crate) use super::mount::mount_of;
pub(crate) use super::regain::{archived_macs, choose};
pub(crate) use super::relink::{original, refuse};
pub(crate) use super::remove::not_ours;
pub(crate) use super::reserve::{draw_macs, free_vmid, surveyed};
pub(crate) use super::reset::change_of;
pub(crate) use super::resize::rootfs_size;
pub(crate) use super::resolve::examined;
pub(crate) use super::restore::{Order, restore_of};
pub(crate) use super::source::clone_of;
pub(crate) use super::withdraw::bound_to;
