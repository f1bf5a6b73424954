//! What is known to differ between two builds of the same, why, and what to do about it.

/// A place (a path, a folder ending in `/`, or an ending beginning with `*`) and the reason.
const KNOWN: &[(&str, &str)] = &[
    ("*.pyc", "bytecode holds its source's time: set SOURCE_DATE_EPOCH where it is compiled, or leave it to guests"),
    ("/etc/.updated", "systemd writes down the time of /usr; builds of this version settle it"),
    ("/var/.updated", "systemd writes down the time of /usr; builds of this version settle it"),
    ("/etc/shadow", "the day of a password's change; builds of this version settle it"),
    ("/etc/shadow-", "the day of a password's change; builds of this version settle it"),
    ("/var/cache/ldconfig/aux-cache", "inode numbers of this machine; builds of this version remove it"),
    ("/var/cache/fontconfig/", "a cache with directories' times: remove it in a last step, fc-cache makes it again"),
    ("/var/cache/man/", "a database with files' times: remove it, mandb makes it again"),
    ("/var/cache/debconf/", "the order of questions follows the order of installation: put packages into one step"),
    (
        "/var/lib/dpkg/",
        "dpkg writes in the order of installation, and copies the state before: the package set differs",
    ),
    ("/var/lib/apt/", "apt's own notes of what it fetched and why"),
    ("/etc/passwd", "accounts get numbers in the order in which packages ask for them"),
    ("/etc/group", "accounts get numbers in the order in which packages ask for them"),
    ("/etc/passwd-", "the state before the last change"),
    ("/etc/group-", "the state before the last change"),
    ("/etc/ssl/certs/", "links by hash follow the installed certificates"),
    ("/var/log/", "logs tell times; the identity catalog clears what it knows, name this one in a catalog row"),
    ("/boot/", "an initramfs holds times and this machine's modules; a container needs none"),
    ("/var/lib/docker/", "Docker's state belongs to one guest: remove it in a last step"),
    ("/var/lib/systemd/catalog/database", "made from the installed message catalogs: another set of packages"),
    ("/etc/udev/hwdb.bin", "made from the installed hardware databases: another set of packages"),
    ("/usr/lib/udev/hwdb.bin", "made from the installed hardware databases: another set of packages"),
    ("/etc/ld.so.cache", "made from the installed libraries: another set of packages"),
    ("/usr/share/mime/", "a cache made from what is installed"),
    ("/usr/share/icons/", "a cache made from what is installed, with times in it"),
];

/// Why a path differs, where that is known.
pub(super) fn why(path: &str) -> Option<&'static str> {
    let fits = |place: &str| match place.strip_prefix('*') {
        Some(ending) => path.ends_with(ending),
        None if place.ends_with('/') => path.starts_with(place),
        None => path == place,
    };
    KNOWN.iter().find(|(place, _)| fits(place)).map(|(_, why)| *why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_paths_folders_and_endings() {
        assert!(why("/usr/lib/python3/x.cpython-313.pyc").is_some());
        assert!(why("/var/lib/dpkg/status").is_some());
        assert!(why("/etc/shadow").is_some() && why("/etc/shadows").is_none());
        assert_eq!(why("/opt/own"), None);
    }
}
