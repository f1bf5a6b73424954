//! A golden's contents, before any form.

use uuid::Uuid;

use crate::ids::Sha256Hex;
use crate::software::Package;

/// What is in a golden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The golden, or the archive's file name where it is no release.
    pub name: String,
    /// The release; the archive's digest where it is none.
    pub version: String,
    /// The archive's file name.
    pub archive: String,
    /// The archive's digest.
    pub sha256: Sha256Hex,
    /// When the newest file of the tree was written, RFC 3339: the same for the same archive.
    pub created: String,
    /// The version of the program that made this.
    pub tool: String,
    /// The system.
    pub system: System,
    /// The packages, sorted.
    pub components: Vec<Component>,
}

/// What `os-release` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct System {
    /// `debian`.
    pub id: String,
    /// `13`.
    pub version: String,
    /// `Debian GNU/Linux 13 (trixie)`.
    pub name: String,
}

/// A package and its licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The package.
    pub package: Package,
    /// Its licence as an SPDX expression, where that is known.
    pub licence: Option<String>,
}

impl System {
    /// Reads `os-release`.
    pub fn read(text: &str) -> Self {
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            line.unwrap_or_default().trim_matches(['"', '\'']).to_owned()
        };
        Self { id: value("ID"), version: value("VERSION_ID"), name: value("PRETTY_NAME") }
    }
}

impl Bill {
    /// A name for the document that follows from the archive's content.
    pub fn serial(&self) -> Uuid {
        let digits: String = self.sha256.as_str().chars().take(32).collect();
        let number = u128::from_str_radix(&digits, 16).unwrap_or_default();
        // Version 8 (RFC 9562): what the bits mean is the maker's own.
        let number = number & !(0xf << 76) & !(0x3 << 62) | (0x8 << 76) | (0x2 << 62);
        Uuid::from_u128(number)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::software::Manager;

    pub(in crate::sbom) fn bill() -> Bill {
        let package = |name: &str, source: Option<&str>| Package {
            name: name.into(),
            version: "1:2.0+dfsg-1".into(),
            architecture: "amd64".into(),
            manager: Manager::Dpkg,
            source: source.map(str::to_owned),
            source_version: None,
            maintainer: Some("Some Body <some@example.org>".into()),
            homepage: Some("https://example.org".into()),
            licence: None,
        };
        Bill {
            name: "debian13".into(),
            version: "20261121T100000Z".into(),
            archive: "vzdump-lxc-9000-x.tar.zst".into(),
            sha256: Sha256Hex::of(b"archive"),
            created: "2026-11-21T10:00:00Z".into(),
            tool: "0.1.0".into(),
            system: System::read("PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nID=debian\nVERSION_ID=\"13\"\n"),
            components: vec![
                Component { package: package("bash", None), licence: Some("GPL-3.0-or-later".into()) },
                Component { package: package("libc6", Some("glibc")), licence: None },
                Component { package: package("odd", None), licence: Some("LicenseRef-public-domain AND MIT".into()) },
            ],
        }
    }

    #[test]
    fn a_serial_follows_from_the_archive_and_says_what_kind_it_is() {
        let serial = bill().serial();
        assert_eq!(serial, bill().serial());
        assert_eq!((serial.get_version_num(), serial.get_variant()), (8, uuid::Variant::RFC4122));
    }

    #[test]
    fn the_system_is_what_os_release_says() {
        let system = bill().system;
        assert_eq!((system.id.as_str(), system.version.as_str()), ("debian", "13"));
    }
}
