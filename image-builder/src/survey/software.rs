//! Packages and their files, out of an archive's package databases.

use std::collections::HashSet;

use pve_archive::MemberKind;
use spec::software::{
    APK_INSTALLED, Attribution, DPKG_DIVERSIONS, DPKG_STATUS, DpkgError, Owners, Package, SizedFile, apk_owned,
    apk_packages, dpkg_listed, dpkg_packages,
};

use super::read::{Entry, Survey};

impl Survey {
    /// The installed packages of every database that the tree has.
    pub fn packages(&self) -> Result<Vec<Package>, DpkgError> {
        let mut packages = self.texts.get(DPKG_STATUS).map(|text| dpkg_packages(text)).transpose()?.unwrap_or_default();
        packages.extend(self.texts.get(APK_INSTALLED).into_iter().flat_map(|text| apk_packages(text)));
        Ok(packages)
    }

    /// Which package owns which file.
    pub fn owners(&self) -> Owners {
        let mut owners = Owners::with_links(self.top_links());
        for (path, text) in &self.texts {
            if let Some(package) = dpkg_listed(path) {
                owners.add(package, text.lines());
            }
        }
        for (path, package) in self.texts.get(APK_INSTALLED).into_iter().flat_map(|text| apk_owned(text)) {
            owners.add(&package, [path.as_str()]);
        }
        if let Some(diversions) = self.texts.get(DPKG_DIVERSIONS) {
            owners.divert(diversions);
        }
        owners
    }

    /// Where the tree's bytes are; `copied` are paths that the recipe put there.
    pub fn attribution(&self, copied: &[&str]) -> Attribution {
        let is_file = |kind| matches!(kind, MemberKind::File | MemberKind::Symlink | MemberKind::HardLink);
        let files = self.entries.iter().filter(|entry| is_file(entry.kind));
        let files: Vec<SizedFile> =
            files.map(|entry| SizedFile { path: entry.path.clone(), bytes: entry.bytes }).collect();
        let chosen = |entry: &&Entry| entry.link.as_ref().is_some_and(|to| to.starts_with("/etc/alternatives/"));
        let chosen: HashSet<&str> = self.entries.iter().filter(chosen).map(|entry| entry.path.as_str()).collect();
        Attribution::of(&files, &self.owners(), |path| {
            let alternative = chosen.contains(path).then_some("alternatives");
            alternative.or_else(|| copied.contains(&path).then_some("the recipe"))
        })
    }

    /// `/bin` and its kind, where they are links.
    fn top_links(&self) -> impl Iterator<Item = (String, String)> {
        let top = self.entries.iter().filter(|entry| entry.path.matches('/').count() == 1);
        top.filter_map(|entry| Some((entry.path.clone(), entry.link.clone()?)))
    }
}
