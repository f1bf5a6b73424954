//! The words of dpkg and apt: what is installed, where it came from, what can be had, and how to pin it.

use std::collections::{BTreeMap, BTreeSet};

use spec::release::{AptSource, LockedPackage};

/// What dpkg is asked for: one line a package.
pub(super) const DPKG_FORMAT: &str = "${db:Status-Status}\t${Package}\t${Architecture}\t${Version}\n";
/// What apt is asked for: one line a component.
pub(super) const SOURCES_FORMAT: &str = "$(REPO_URI)\t$(RELEASE)\t$(COMPONENT)\t$(SIGNED_BY)";
/// Stanzas in one file of pins: a file is one argument on its way into the guest, and those are limited to 128 KiB.
const STANZAS: usize = 500;

/// A package that an index offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offered {
    /// Its version.
    pub(super) version: String,
    /// Its architecture.
    pub(super) architecture: String,
    /// SHA-256 of its file, in hex.
    pub(super) sha256: String,
}

/// Reads dpkg's list; `None` where a line is none. A package of a foreign architecture is `name:architecture`; dpkg
/// itself is of the native one.
pub(super) fn packages(text: &str) -> Option<BTreeMap<String, LockedPackage>> {
    let rows: Option<Vec<[&str; 4]>> =
        text.lines().map(|line| line.split('\t').collect::<Vec<_>>().try_into().ok()).collect();
    let rows: Vec<[&str; 4]> = rows?.into_iter().filter(|row| row[0] == "installed").collect();
    let native = rows.iter().find(|row| row[1] == "dpkg").map(|row| row[2]);
    let package = |[_, name, architecture, version]: [&str; 4]| {
        let foreign = architecture != "all" && native.is_some_and(|native| native != architecture);
        let key = if foreign { format!("{name}:{architecture}") } else { name.to_owned() };
        (key, LockedPackage { version: version.to_owned(), architecture: architecture.to_owned(), sha256: None })
    };
    Some(rows.into_iter().map(package).collect())
}

/// Reads apt's list of what it fetches.
pub(super) fn sources(text: &str) -> BTreeSet<AptSource> {
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split('\t');
        let (uri, suite, component) = (words.next()?, words.next()?, words.next()?);
        // apt leaves what it does not know as it was asked for.
        let signed_by = words.next().filter(|word| !word.is_empty() && !word.starts_with("$(")).map(str::to_owned);
        Some(AptSource {
            uri: uri.trim_end_matches('/').to_owned(),
            suite: suite.to_owned(),
            component: component.to_owned(),
            signed_by,
        })
    });
    lines.collect()
}

/// Reads `apt-cache show`: what the indices offer, by name. What is only installed has no digest, and is not offered.
pub(crate) fn offered(text: &str) -> BTreeMap<String, Vec<Offered>> {
    let mut offered: BTreeMap<String, Vec<Offered>> = BTreeMap::new();
    for stanza in text.split("\n\n") {
        let field =
            |name: &str| stanza.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::to_owned);
        let all = (field("Package"), field("Version"), field("Architecture"), field("SHA256"));
        if let (Some(name), Some(version), Some(architecture), Some(sha256)) = all {
            offered.entry(name).or_default().push(Offered { version, architecture, sha256 });
        }
    }
    offered
}

/// Writes down the digest of each package whose very version is offered.
pub(super) fn add_digests(packages: &mut BTreeMap<String, LockedPackage>, offered: &BTreeMap<String, Vec<Offered>>) {
    for (name, package) in packages {
        let name = name.split(':').next().unwrap_or(name);
        let same = |one: &&Offered| one.version == package.version && one.architecture == package.architecture;
        let found = offered.get(name).and_then(|all| all.iter().find(same));
        package.sha256 = found.and_then(|one| one.sha256.parse().ok());
    }
}

/// Locked packages that are not installed and cannot be had as locked: a line each.
pub(crate) fn unavailable(
    locked: &BTreeMap<String, LockedPackage>,
    installed: &BTreeMap<String, LockedPackage>,
    offered: &BTreeMap<String, Vec<Offered>>,
) -> Vec<String> {
    let is_there =
        |name: &String, package: &LockedPackage| installed.get(name).is_some_and(|one| one.version == package.version);
    let wanted = locked.iter().filter(|(name, package)| !is_there(name, package));
    wanted.filter_map(|(name, package)| lacking(name, package, offered)).collect()
}

fn lacking(name: &str, package: &LockedPackage, offered: &BTreeMap<String, Vec<Offered>>) -> Option<String> {
    let bare = name.split(':').next().unwrap_or(name);
    let all = offered.get(bare).map(Vec::as_slice).unwrap_or_default();
    let LockedPackage { version, architecture, sha256 } = package;
    let same = all.iter().find(|one| one.version == *version && one.architecture == *architecture);
    match (same, sha256) {
        (None, _) => Some(format!("{name} {version} ({architecture}) is not in the archive any more")),
        (Some(one), Some(locked)) if one.sha256 != locked.as_str() => {
            Some(format!("{name} {version}: the archive's file has SHA-256 {}, the lock says {locked}", one.sha256))
        }
        _ => None,
    }
}

/// Pins for apt, as the texts of one file or more: each package in its version, even if that is a step back.
pub(crate) fn pins<'p>(packages: impl IntoIterator<Item = (&'p str, &'p str)>) -> Vec<String> {
    let stanza =
        |(name, version): &(&str, &str)| format!("Package: {name}\nPin: version {version}\nPin-Priority: 1001\n\n");
    let all: Vec<(&str, &str)> = packages.into_iter().collect();
    all.chunks(STANZAS).map(|chunk| chunk.iter().map(stanza).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(version: &str, architecture: &str) -> LockedPackage {
        LockedPackage { version: version.into(), architecture: architecture.into(), sha256: None }
    }

    const SHOWN: &str = "Package: curl\nVersion: 8.14-2\nArchitecture: amd64\nDepends: libc6\n\
        SHA256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nDescription: x\n more: y\n\n\
        Package: ours\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nDescription: z\n";

    #[test]
    fn dpkgs_list_is_read_by_name_and_a_foreign_one_by_both() {
        let text = "installed\tadduser\tall\t3.152\ninstalled\tdpkg\tamd64\t1.22\ninstalled\tlibc6\ti386\t2.41\n\
            installed\tlibc6\tamd64\t2.41\nconfig-files\told\tall\t1\n";
        let names: Vec<String> = packages(text).unwrap().into_keys().collect();
        assert_eq!(names, ["adduser", "dpkg", "libc6", "libc6:i386"]);
        assert_eq!(packages(""), Some(BTreeMap::new()));
        assert_eq!(packages("done\n"), None);
    }

    #[test]
    fn sources_are_read_with_and_without_a_keyring() {
        let text = "http://deb.debian.org/debian/\ttrixie\tmain\t$(SIGNED_BY)\nhttps://x/y\tstable\tmain\t/etc/k.gpg\n";
        let read: Vec<AptSource> = sources(text).into_iter().collect();
        assert_eq!((read[0].uri.as_str(), read[0].signed_by.as_deref()), ("http://deb.debian.org/debian", None));
        assert_eq!(read[1].signed_by.as_deref(), Some("/etc/k.gpg"));
    }

    #[test]
    fn only_what_an_index_offers_gets_a_digest() {
        let mut all =
            BTreeMap::from([("curl".into(), package("8.14-2", "amd64")), ("ours".into(), package("1", "all"))]);
        add_digests(&mut all, &offered(SHOWN));
        assert_eq!(all["curl"].sha256.as_ref().map(|digest| digest.as_str().len()), Some(64));
        assert_eq!(all["ours"].sha256, None);
    }

    #[test]
    fn a_version_that_is_gone_or_another_file_is_named_and_what_is_installed_is_not_asked_for() {
        let offered = offered(SHOWN);
        let lock = |version: &str| BTreeMap::from([("curl".to_owned(), package(version, "amd64"))]);
        let none = BTreeMap::new();
        assert_eq!(unavailable(&lock("8.14-2"), &none, &offered), Vec::<String>::new());
        assert_eq!(unavailable(&lock("8.13"), &none, &offered), ["curl 8.13 (amd64) is not in the archive any more"]);
        assert_eq!(unavailable(&lock("8.13"), &lock("8.13"), &offered), Vec::<String>::new());
        let mut other = lock("8.14-2");
        for package in other.values_mut() {
            package.sha256 = "b".repeat(64).parse().ok();
        }
        assert!(unavailable(&other, &none, &offered)[0].starts_with("curl 8.14-2: the archive's file has SHA-256 aaa"));
    }

    #[test]
    fn pins_hold_every_package_even_downwards_in_files_that_are_not_too_long() {
        let many: Vec<String> = (0..1100).map(|number| format!("package-{number}")).collect();
        let files = pins(many.iter().map(|name| (name.as_str(), "1")));
        assert_eq!(files.len(), 3);
        assert!(files[0].starts_with("Package: package-0\nPin: version 1\nPin-Priority: 1001\n\n"));
        assert!(files.iter().all(|file| file.len() < 100 << 10));
    }
}
