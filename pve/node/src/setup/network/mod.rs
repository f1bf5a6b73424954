//! The guest's interfaces, written the way its distribution reads them.
//!
//! | way | who |
//! |---|---|
//! | [`interfaces`] | Debian, Devuan, Alpine, Ubuntu before 17.10 |
//! | [`networkd`] | Ubuntu, Arch Linux, NixOS, Fedora, openSUSE where it is installed |
//! | [`ifcfg`] | Red Hat's before 10 |
//! | [`keyfile`] | Red Hat's from 10 on |
//! | [`suse`] | openSUSE, SLES |
//! | [`gentoo`] | Gentoo |

mod gentoo;
mod ifcfg;
mod interfaces;
mod keyfile;
mod networkd;
mod nic;
mod scripts;
mod suse;

pub(super) use nic::{Nic, nics, primary_address};

use super::detect::{Ostype, System, Version, centos_release};
use super::guest::Guest;
use crate::error::Die;

/// Writes what the guest's configuration says about its interfaces.
pub(super) fn write(guest: &Guest<'_>) -> Result<(), Die> {
    let System { ostype, version } = guest.system;
    match ostype {
        Ostype::Debian | Ostype::Devuan | Ostype::Alpine => interfaces::write(guest),
        Ostype::Ubuntu if version < Version(17, 10) => interfaces::write(guest),
        Ostype::Ubuntu | Ostype::ArchLinux | Ostype::NixOs => networkd::write(guest),
        Ostype::CentOs | Ostype::OpenEuler => red_hat(guest),
        Ostype::Fedora => fedora(guest),
        Ostype::OpenSuse => {
            suse::write(guest)?;
            if guest.tree.is_file("/usr/lib/systemd/systemd-networkd") { networkd::write(guest) } else { Ok(()) }
        }
        Ostype::Gentoo => gentoo::write(guest),
        Ostype::Unmanaged => Ok(()),
    }
}

/// Network scripts were given up with version 10. What counts is the release file as it is now.
fn red_hat(guest: &Guest<'_>) -> Result<(), Die> {
    let release = guest.tree.need("/etc/redhat-release")?;
    if centos_release(&release)? >= Version(10, 0) { keyfile::write(guest) } else { ifcfg::write(guest) }
}

/// Fedora changed to networkd with 25; until 27 there may be templates of either kind.
fn fedora(guest: &Guest<'_>) -> Result<(), Die> {
    let version = guest.system.version.0;
    if version <= 24 || (version <= 27 && guest.tree.is_file("/etc/sysconfig/network")) {
        red_hat(guest)?;
    }
    if version >= 25 { networkd::write(guest) } else { Ok(()) }
}
