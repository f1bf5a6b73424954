//! What is installed in the running build guest, asked of its own dpkg and apt.

use std::collections::{BTreeMap, BTreeSet};

use pve_host::process::CommandError;
use spec::release::{AptSource, LockedPackage};

use super::apt::{self, DPKG_FORMAT, Offered, SOURCES_FORMAT};
use crate::guest::Inside;

/// Lists packages; a guest without dpkg has none that could be locked.
const DPKG: &str = r#"command -v dpkg-query >/dev/null || exit 0; exec dpkg-query --show --showformat="$1""#;
/// Lists what apt fetches; likewise.
const SOURCES: &str =
    r#"command -v apt-get >/dev/null || exit 0; exec apt-get indextargets --format "$1" "Created-By: Packages""#;
/// Shows versions; those that no index knows are an error among the others, which counts for nothing.
const SHOW: &str = r#"command -v apt-cache >/dev/null || exit 0; apt-cache show -- "$@" 2>/dev/null || exit 0"#;

/// Packages and where they came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Installed {
    /// By name; of foreign architectures by `name:architecture`.
    pub(crate) packages: BTreeMap<String, LockedPackage>,
    /// What apt fetches.
    pub(crate) sources: BTreeSet<AptSource>,
}

/// Why it is not known.
#[derive(Debug, thiserror::Error)]
pub enum InstalledError {
    /// The guest could not be asked.
    #[error("the build guest does not say what is installed")]
    Ask(#[from] CommandError),
    /// dpkg's answer does not read.
    #[error("the build guest's dpkg-query lists packages in another form than asked for: {0:?}")]
    Form(String),
}

/// Asks for packages and sources.
pub(crate) fn observe(inside: &Inside<'_>) -> Result<Installed, InstalledError> {
    let listed = inside.ask(&["sh", "-c", DPKG, "sh", DPKG_FORMAT])?.ok()?.stdout;
    let packages = apt::packages(&listed)
        .ok_or_else(|| InstalledError::Form(listed.lines().next().unwrap_or_default().to_owned()))?;
    let sources = apt::sources(&inside.ask(&["sh", "-c", SOURCES, "sh", SOURCES_FORMAT])?.ok()?.stdout);
    Ok(Installed { packages, sources })
}

/// What the guest's indices offer of these packages, in these versions.
pub(crate) fn available(
    inside: &Inside<'_>,
    packages: &BTreeMap<String, LockedPackage>,
) -> Result<BTreeMap<String, Vec<Offered>>, CommandError> {
    let wanted: Vec<String> = packages.iter().map(|(name, package)| format!("{name}={}", package.version)).collect();
    let words: Vec<&str> = ["sh", "-c", SHOW, "sh"].into_iter().chain(wanted.iter().map(String::as_str)).collect();
    Ok(apt::offered(&inside.ask(&words)?.ok()?.stdout))
}

impl Installed {
    /// Adds the digests of what the indices offer.
    pub(crate) fn add_digests(&mut self, offered: &BTreeMap<String, Vec<Offered>>) {
        apt::add_digests(&mut self.packages, offered);
    }
}
