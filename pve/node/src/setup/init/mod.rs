//! What the guest's init starts: terminals above all.

mod getty;
mod inittab;
mod presets;
pub(super) mod securetty;
pub(super) mod systemd;
pub(super) mod upstart;

use super::detect::{Ostype, System, Version};
use super::guest::Guest;
use crate::error::Die;

/// Readies the guest's init for a container.
pub(super) fn write(guest: &Guest<'_>) -> Result<(), Die> {
    let System { ostype, version } = guest.system;
    match ostype {
        Ostype::Debian | Ostype::Devuan => debian(guest),
        Ostype::Ubuntu => ubuntu(guest),
        Ostype::Alpine => inittab::alpine(guest),
        Ostype::Gentoo => inittab::gentoo(guest),
        Ostype::ArchLinux => {
            presets::write(guest, &[("systemd-networkd.service", true)])?;
            getty::write(guest)
        }
        Ostype::CentOs => {
            getty::mend_old(guest)?;
            getty::write(guest)?;
            // Older ones may not cope with presets.
            if version >= Version(8, 0) { presets::write(guest, &[]) } else { Ok(()) }
        }
        Ostype::Fedora => {
            getty::write(guest)?;
            // From 37 on Fedora's own presets prefer NetworkManager.
            let networkd = [("systemd-networkd.service", true)];
            if version >= Version(37, 0) { presets::write(guest, &networkd) } else { Ok(()) }
        }
        Ostype::OpenEuler => {
            getty::write(guest)?;
            presets::write(guest, &[])
        }
        Ostype::OpenSuse => {
            getty::mend_old(guest)?;
            getty::write(guest)
        }
        Ostype::NixOs | Ostype::Unmanaged => Ok(()),
    }
}

fn debian(guest: &Guest<'_>) -> Result<(), Die> {
    if systemd::is_init(&guest.tree) {
        getty::write(guest)?;
        if guest.system.version >= Version(12, 0) {
            // Debian brings its network up with ifupdown.
            presets::write(guest, &[("systemd-networkd.service", false)])?;
        }
    }
    inittab::debian(guest)
}

fn ubuntu(guest: &Guest<'_>) -> Result<(), Die> {
    let version = guest.system.version;
    if version >= Version(23, 4) {
        presets::write(guest, &[("systemd-networkd.service", true)])?;
    }
    if version >= Version(16, 10) {
        getty::write(guest)?;
    }
    if matches!(version, Version(12 | 14, 4)) { upstart::ttys(guest) } else { Ok(()) }
}
