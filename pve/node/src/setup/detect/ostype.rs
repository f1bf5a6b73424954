//! Which distribution a tree holds.

use super::OsRelease;
use crate::error::Die;
use crate::setup::rooted::Root;
use crate::setup::say::Say;

/// A distribution that Proxmox knows, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of distributions")]
pub enum Ostype {
    Alpine,
    ArchLinux,
    CentOs,
    Debian,
    Devuan,
    Fedora,
    Gentoo,
    NixOs,
    OpenEuler,
    OpenSuse,
    Ubuntu,
    /// Whatever it is: the node leaves it alone.
    Unmanaged,
}

impl Ostype {
    /// What stands in a guest's configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alpine => "alpine",
            Self::ArchLinux => "archlinux",
            Self::CentOs => "centos",
            Self::Debian => "debian",
            Self::Devuan => "devuan",
            Self::Fedora => "fedora",
            Self::Gentoo => "gentoo",
            Self::NixOs => "nixos",
            Self::OpenEuler => "openeuler",
            Self::OpenSuse => "opensuse",
            Self::Ubuntu => "ubuntu",
            Self::Unmanaged => "unmanaged",
        }
    }

    /// By the `ID` of an os-release.
    fn by_id(id: &str) -> Option<Self> {
        Some(match id {
            "alpine" => Self::Alpine,
            "archlinux" | "arch" => Self::ArchLinux,
            "centos" | "rocky" | "almalinux" => Self::CentOs,
            "debian" => Self::Debian,
            "devuan" => Self::Devuan,
            "fedora" => Self::Fedora,
            "gentoo" => Self::Gentoo,
            "nixos" => Self::NixOs,
            "openeuler" | "openEuler" => Self::OpenEuler,
            "opensuse" | "opensuse-leap" | "opensuse-tumbleweed" | "opensuse-slowroll" | "sles" => Self::OpenSuse,
            "ubuntu" => Self::Ubuntu,
            "unmanaged" => Self::Unmanaged,
            _ => return None,
        })
    }
}

/// Files that give a distribution away, the first that is there wins.
const FILES: &[(&str, Ostype)] = &[
    ("/etc/debian_version", Ostype::Debian),
    ("/etc/devuan_version", Ostype::Devuan),
    ("/etc/SuSE-brand", Ostype::OpenSuse),
    ("/etc/SuSE-release", Ostype::OpenSuse),
    ("/etc/fedora-release", Ostype::Fedora),
    ("/etc/centos-release", Ostype::CentOs),
    ("/etc/redhat-release", Ostype::CentOs),
    ("/etc/arch-release", Ostype::ArchLinux),
    ("/etc/alpine-release", Ostype::Alpine),
    ("/etc/gentoo-release", Ostype::Gentoo),
];

/// The distribution by os-release, else by the files it is known for.
pub(super) fn detected(tree: &Root, release: &OsRelease, say: &dyn Say) -> Result<Ostype, Die> {
    if let Some(id) = release.get("ID") {
        if let Some(ostype) = Ostype::by_id(id) {
            return Ok(ostype);
        }
        say.line(&format!("unknown ID '{id}' in /etc/os-release file, trying fallback detection"));
    }
    let lsb = tree.read("/etc/lsb-release")?.unwrap_or_default();
    if lsb.lines().any(|line| line.eq_ignore_ascii_case("DISTRIB_ID=Ubuntu")) {
        return Ok(Ostype::Ubuntu);
    }
    if let Some((_, ostype)) = FILES.iter().find(|(file, _)| tree.is_file(file)) {
        return Ok(*ostype);
    }
    if tree.is_directory("/nix/store") {
        return Ok(Ostype::NixOs);
    }
    if tree.is_file("/etc/openEuler-release") {
        return Ok(Ostype::OpenEuler);
    }
    if tree.is_file("/etc/os-release") {
        return Err(Die::text("unable to detect OS distribution"));
    }
    say.line("/etc/os-release file not found and autodetection failed, falling back to 'unmanaged'");
    Ok(Ostype::Unmanaged)
}
