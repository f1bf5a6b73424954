//! Debian's package database.

use deb822_fast::{Deb822, Paragraph};

use super::package::{Manager, Package};

/// All packages with their state.
pub const DPKG_STATUS: &str = "/var/lib/dpkg/status";
/// The folder with each package's list of files, `NAME.list` or `NAME:ARCH.list`.
pub const DPKG_INFO: &str = "/var/lib/dpkg/info";
/// Files of one package that were moved aside for another's, three lines each.
pub const DPKG_DIVERSIONS: &str = "/var/lib/dpkg/diversions";

/// Why the database does not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("dpkg's status file does not read: {why}")]
pub struct DpkgError {
    /// What its parser says.
    pub why: String,
}

/// The installed packages, sorted.
///
/// # Errors
/// The text is no list of paragraphs.
pub fn dpkg_packages(status: &str) -> Result<Vec<Package>, DpkgError> {
    let database: Deb822 = status.parse().map_err(|error: deb822_fast::Error| DpkgError { why: error.to_string() })?;
    let is_installed = |paragraph: &&Paragraph| paragraph.get("Status").is_some_and(|s| s.ends_with(" installed"));
    let mut packages: Vec<Package> = database.iter().filter(is_installed).filter_map(package).collect();
    packages.sort();
    Ok(packages)
}

fn package(paragraph: &Paragraph) -> Option<Package> {
    let text = |key: &str| paragraph.get(key).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    let (source, source_version) = text("Source").map(|text| source(&text)).unwrap_or_default();
    Some(Package {
        name: text("Package")?,
        version: text("Version")?,
        architecture: text("Architecture").unwrap_or_else(|| "all".to_owned()),
        manager: Manager::Dpkg,
        source,
        source_version,
        maintainer: text("Maintainer"),
        homepage: text("Homepage"),
        licence: None,
    })
}

/// `glibc` or `glibc (2.41-12)`.
fn source(text: &str) -> (Option<String>, Option<String>) {
    match text.split_once(" (") {
        Some((name, version)) => (Some(name.to_owned()), Some(version.trim_end_matches(')').to_owned())),
        None => (Some(text.to_owned()), None),
    }
}

/// The package that a file below [`DPKG_INFO`] lists the files of: `libc6` for `libc6:amd64.list`.
pub fn dpkg_listed(path: &str) -> Option<&str> {
    let name = path.strip_prefix(DPKG_INFO)?.strip_prefix('/')?.strip_suffix(".list")?;
    Some(name.split_once(':').map_or(name, |(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_installed_packages_count_and_sources_are_told_apart() {
        let status = "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nSource: glibc\n\
            Version: 2.41-12\nMaintainer: GNU Libc <x@y>\nDescription: x\n long text\n\n\
            Package: docker.io\nStatus: hold ok installed\nArchitecture: amd64\nSource: docker.io (26.1.5-9)\n\
            Version: 26.1.5-9+b9\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 2\n";
        let packages = dpkg_packages(status).unwrap();
        let shown: Vec<(&str, &str, Option<&str>)> = packages
            .iter()
            .map(|package| (package.name.as_str(), package.source_name(), package.source_version.as_deref()))
            .collect();
        assert_eq!(shown, [("docker.io", "docker.io", Some("26.1.5-9")), ("libc6", "glibc", None)]);
    }

    #[test]
    fn lists_are_known_by_their_name() {
        assert_eq!(dpkg_listed("/var/lib/dpkg/info/libc6:amd64.list"), Some("libc6"));
        assert_eq!(dpkg_listed("/var/lib/dpkg/info/bash.list"), Some("bash"));
        assert_eq!(dpkg_listed("/var/lib/dpkg/info/bash.md5sums"), None);
        assert_eq!(dpkg_listed("/etc/x.list"), None);
    }
}
