//! Installed packages, from dpkg's database.

use std::collections::BTreeMap;

use deb822_fast::Deb822;

use crate::error::ArchiveError;

/// Where dpkg keeps them, below the root.
pub(crate) const STATUS: &[u8] = b"var/lib/dpkg/status";
/// A Debian with every package of a desktop stays below this.
pub(crate) const MOST_STATUS_BYTES: u64 = 16 << 20;

/// Name to version of every installed package.
pub(crate) fn packages(status: &[u8]) -> Result<BTreeMap<String, String>, ArchiveError> {
    let text = String::from_utf8_lossy(status);
    let unreadable =
        |error: deb822_fast::Error| ArchiveError::NotAnArchive(format!("dpkg's status file does not read: {error}"));
    let database: Deb822 = text.parse().map_err(unreadable)?;
    let installed =
        database.iter().filter(|paragraph| paragraph.get("Status").is_some_and(|s| s.ends_with(" installed")));
    Ok(installed
        .filter_map(|paragraph| Some((paragraph.get("Package")?.to_owned(), paragraph.get("Version")?.to_owned())))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_installed_packages_count() {
        let status = b"Package: a\nStatus: install ok installed\nVersion: 1.0-1\nDescription: x\n long text\n\n\
            Package: b\nStatus: deinstall ok config-files\nVersion: 2\n";
        let found = packages(status).unwrap();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [("a".to_owned(), "1.0-1".to_owned())]);
    }
}
