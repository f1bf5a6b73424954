//! Which system a tree holds: distribution, version, architecture.

mod architecture;
mod os_release;
mod ostype;
mod version;

pub(super) use architecture::architecture;
pub(super) use os_release::OsRelease;
pub use ostype::Ostype;
pub(super) use version::{Version, centos_release};

use super::rooted::Root;
use super::say::Say;
use crate::error::Die;

/// A distribution and its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct System {
    pub(super) ostype: Ostype,
    pub(super) version: Version,
}

/// Looks what a tree holds. `configured` is what the guest's configuration takes it for: `unmanaged` is obeyed, any
/// other mistake only told.
pub(super) fn system(tree: &Root, configured: Option<&str>, say: &dyn Say) -> Result<System, Die> {
    let release = OsRelease::of(tree)?;
    if configured == Some(Ostype::Unmanaged.name()) {
        return Ok(System { ostype: Ostype::Unmanaged, version: Version::default() });
    }
    let ostype = ostype::detected(tree, &release, say)?;
    if let Some(expected) = configured.filter(|configured| *configured != ostype.name()) {
        if !tree.exists("/etc") {
            say.line("WARNING: /etc not present in CT, is the rootfs mounted?");
        }
        say.line(&format!("got unexpected ostype ({} != {expected})", ostype.name()));
    }
    let version = version::supported(tree, ostype, &release, say)?;
    Ok(System { ostype, version })
}
