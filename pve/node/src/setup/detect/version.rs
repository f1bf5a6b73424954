//! Which version of its distribution a tree holds, and whether Proxmox supports it.

use super::{OsRelease, Ostype};
use crate::error::Die;
use crate::setup::rooted::Root;
use crate::setup::say::Say;

/// Major and minor number; zeros where a distribution has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(in crate::setup) struct Version(pub(in crate::setup) u32, pub(in crate::setup) u32);

impl Version {
    /// Reads a number, and a second one behind a dot.
    fn leading(text: &str) -> Option<Self> {
        let (major, rest) = digits(text)?;
        let minor = rest.strip_prefix('.').and_then(digits).map_or(0, |(minor, _)| minor);
        Some(Self(major, minor))
    }
}

fn digits(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text.get(..end)?.parse().ok()?, text.get(end..)?))
}

/// The version, or Proxmox's refusal.
pub(super) fn supported(tree: &Root, ostype: Ostype, release: &OsRelease, say: &dyn Say) -> Result<Version, Die> {
    let unreadable = || Die::text("unable to read version info");
    let line = |file: &str| tree.first_line(file);
    match ostype {
        Ostype::Debian => debian(&line("/etc/debian_version")?.ok_or_else(unreadable)?, say),
        Ostype::Devuan => devuan(&line("/etc/devuan_version")?.ok_or_else(unreadable)?.to_lowercase()),
        Ostype::Ubuntu => ubuntu(&tree.need("/etc/lsb-release")?, say),
        Ostype::CentOs => centos(&line("/etc/redhat-release")?.ok_or_else(unreadable)?),
        Ostype::Fedora => lower_bound("Fedora", release.get("VERSION_ID"), 22),
        Ostype::OpenEuler => lower_bound("openEuler", release.get("VERSION_ID"), 24),
        Ostype::OpenSuse => suse(release),
        Ostype::Gentoo => gentoo(&line("/etc/gentoo-release")?.ok_or_else(unreadable)?),
        Ostype::Alpine => Ok(line("/etc/alpine-release")?.as_deref().and_then(Version::leading).unwrap_or_default()),
        Ostype::ArchLinux | Ostype::NixOs | Ostype::Unmanaged => Ok(Version::default()),
    }
}

/// The oldest Debian that is set up, and the newest that was tested.
const DEBIAN: (u32, u32) = (4, 14);

fn debian(text: &str, say: &dyn Say) -> Result<Version, Die> {
    let version = match text {
        "stretch/sid" => 9,
        "buster/sid" => 10,
        "bullseye/sid" => 11,
        "bookworm/sid" | "kali-rolling" => 12,
        "trixie/sid" => 13,
        "forky/sid" => 14,
        "duke/sid" => 15,
        text => digits(text).ok_or_else(|| Die::text(format!("unable to parse version info '{text}'")))?.0,
    };
    if version < DEBIAN.0 {
        return Err(Die::text(format!("Container Debian version '{version}' is too old")));
    }
    if version > DEBIAN.1 {
        say.warn(&format!(
            "The container's Debian version '{version}' is newer than the tested version '{}'. While everything may \
             work fine, full compatibility cannot be guaranteed. Please check for PVE system updates.",
            DEBIAN.1
        ));
    }
    Ok(Version(version, 0))
}

/// The Debian that a Devuan is made from.
fn devuan(text: &str) -> Result<Version, Die> {
    let version = match text.strip_suffix("/ceres").unwrap_or(text) {
        "jessie" if text == "jessie" => 8,
        "ascii" => 9,
        "beowulf" => 10,
        "chimaera" => 11,
        "daedalus" => 12,
        "excalibur" => 13,
        _ => return Err(Die::text(format!("unsupported Devuan version '{text}'"))),
    };
    Ok(Version(version, 0))
}

/// Versions of Ubuntu that Proxmox knows: April and October from the first year to the last, and older long-term ones.
const UBUNTU_YEARS: std::ops::RangeInclusive<u32> = 17..=26;
const UBUNTU_OLD: &[Version] =
    &[Version(16, 10), Version(16, 4), Version(15, 10), Version(15, 4), Version(14, 4), Version(12, 4)];

fn ubuntu(lsb: &str, say: &dyn Say) -> Result<Version, Die> {
    let value = |key: &str| {
        let is_key = |line: &&str| line.get(..key.len()).is_some_and(|start| start.eq_ignore_ascii_case(key));
        lsb.lines().find(is_key).and_then(|line| line.get(key.len()..))
    };
    if !value("DISTRIB_ID=").is_some_and(|id| id.eq_ignore_ascii_case("Ubuntu")) {
        return Err(Die::text("got unknown DISTRIB_ID"));
    }
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
    let is_version = |text: &&str| text.split_once('.').is_some_and(|(major, minor)| number(major) && number(minor));
    let text = value("DISTRIB_RELEASE=").filter(is_version).ok_or_else(|| Die::text("unable to read version info"))?;
    let version = Version::leading(text).unwrap_or_default();
    let regular = UBUNTU_YEARS.contains(&version.0) && matches!(version.1, 4 | 10);
    if regular || UBUNTU_OLD.contains(&version) {
        return Ok(version);
    }
    if version.0 < *UBUNTU_YEARS.start() {
        return Err(Die::text(format!("unsupported ancient Ubuntu version '{text}'")));
    }
    say.warn(&format!(
        "The container's Ubuntu version '{text}' is not in the known version list. As it's newer than the minimum \
         supported version it's likely to work OK, but full compatibility cannot be guaranteed. Please check for PVE \
         system updates."
    ));
    Ok(version)
}

/// `… release 9.4 (…)`.
pub(in crate::setup) fn centos_release(text: &str) -> Result<Version, Die> {
    let after = |text: &str| text.split_once("release").map(|(_, rest)| rest.to_owned());
    let mut rest = after(text);
    while let Some(text) = rest {
        if text.starts_with(char::is_whitespace)
            && let Some(version) = Version::leading(text.trim_start())
        {
            return Ok(version);
        }
        rest = after(&text);
    }
    Err(Die::text(format!("unable to parse centos version '{text}'")))
}

fn centos(text: &str) -> Result<Version, Die> {
    let version = centos_release(text)?;
    if !(5..11).contains(&version.0) {
        let shown = if version.1 == 0 { version.0.to_string() } else { format!("{}.{}", version.0, version.1) };
        return Err(Die::text(format!("unsupported centos version '{shown}'")));
    }
    Ok(version)
}

fn lower_bound(name: &str, version: Option<&str>, least: u32) -> Result<Version, Die> {
    let text = version.unwrap_or_default();
    match Version::leading(text) {
        Some(version) if version.0 >= least => Ok(version),
        _ => Err(Die::text(format!("unsupported {name} release '{text}'"))),
    }
}

/// Leap and SLES count `15.5`, Tumbleweed says the day of its snapshot.
fn suse(release: &OsRelease) -> Result<Version, Die> {
    let text = release.get("VERSION_ID").unwrap_or_default();
    let number = |text: &str| digits(text).filter(|(_, rest)| rest.is_empty()).map(|(number, _)| number);
    if let Some((major, minor)) = text.split_once('.').and_then(|(a, b)| Some((number(a)?, number(b)?))) {
        let sles_12 = release.get("ID") == Some("sles") && major == 12;
        let known = major >= 42 || (major == 13 && minor <= 2) || sles_12 || major == 15 || major == 16;
        return if known {
            Ok(Version(major, minor))
        } else {
            Err(Die::text(format!("unsupported suse release '{text}'")))
        };
    }
    let Some(day) = number(text).filter(|_| text.len() == 8) else {
        return Err(Die::text("unrecognized suse release"));
    };
    let (year, month, day) = (day / 10_000, day / 100 % 100, day % 100);
    if year < 2017 || month > 12 || day > 31 {
        return Err(Die::text(format!("unsupported suse tumbleweed release '{text}'")));
    }
    Ok(Version(year, month))
}

fn gentoo(text: &str) -> Result<Version, Die> {
    let head = "gentoo base system release ";
    if text.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head)) {
        Ok(Version::default())
    } else {
        Err(Die::text(format!("unrecognized gentoo version: {text}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::say::tests::Heard;

    fn refused(result: Result<Version, Die>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn debian_is_told_by_number_or_by_name() {
        let heard = Heard::default();
        assert_eq!(debian("12.4", &heard).unwrap(), Version(12, 0));
        assert_eq!(debian("trixie/sid", &heard).unwrap(), Version(13, 0));
        assert_eq!(refused(debian("3.1", &heard)), "Container Debian version '3' is too old");
        assert_eq!(refused(debian("sid", &heard)), "unable to parse version info 'sid'");
        assert!(heard.said().is_empty());
        assert_eq!(debian("15.1", &heard).unwrap(), Version(15, 0));
        assert!(heard.said()[0].starts_with("WARN: The container's Debian version '15' is newer than the tested"));
    }

    #[test]
    fn ubuntu_is_known_unknown_or_too_old() {
        let heard = Heard::default();
        let lsb = |version: &str| format!("DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE={version}\n");
        assert_eq!(ubuntu(&lsb("24.04"), &heard).unwrap(), Version(24, 4));
        assert_eq!(ubuntu(&lsb("14.04"), &heard).unwrap(), Version(14, 4));
        assert_eq!(refused(ubuntu(&lsb("13.10"), &heard)), "unsupported ancient Ubuntu version '13.10'");
        assert_eq!(refused(ubuntu(&lsb("x"), &heard)), "unable to read version info");
        assert_eq!(refused(ubuntu("DISTRIB_ID=Mint\n", &heard)), "got unknown DISTRIB_ID");
        assert!(heard.said().is_empty());
        assert_eq!(ubuntu(&lsb("27.04"), &heard).unwrap(), Version(27, 4));
        assert_eq!(heard.said().len(), 1);
    }

    #[test]
    fn red_hats_are_told_by_their_release() {
        assert_eq!(centos("CentOS Linux release 7.9.2009 (Core)").unwrap(), Version(7, 9));
        assert_eq!(centos("AlmaLinux release 10 (Purple)").unwrap(), Version(10, 0));
        assert_eq!(refused(centos("CentOS release 4.8 (Final)")), "unsupported centos version '4.8'");
        assert_eq!(refused(centos("Red Hat")), "unable to parse centos version 'Red Hat'");
        assert_eq!(lower_bound("Fedora", Some("42"), 22).unwrap(), Version(42, 0));
        assert_eq!(refused(lower_bound("Fedora", Some("20"), 22)), "unsupported Fedora release '20'");
    }

    #[test]
    fn devuan_and_gentoo_are_told_by_name() {
        assert_eq!(devuan("daedalus/ceres").unwrap(), Version(12, 0));
        assert_eq!(refused(devuan("jessie/ceres")), "unsupported Devuan version 'jessie/ceres'");
        assert!(gentoo("Gentoo Base System release 2.15").is_ok());
        assert_eq!(refused(gentoo("funtoo 1")), "unrecognized gentoo version: funtoo 1");
    }
}
