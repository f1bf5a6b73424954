//! Alpine's package database: paragraphs of `K:value` lines, with the files of each package in it.

use super::package::{Manager, Package};

/// The whole database.
pub const APK_INSTALLED: &str = "/lib/apk/db/installed";

/// The installed packages, sorted.
pub fn apk_packages(installed: &str) -> Vec<Package> {
    let mut packages: Vec<Package> = installed.split("\n\n").filter_map(package).collect();
    packages.sort();
    packages
}

fn package(paragraph: &str) -> Option<Package> {
    let text = |key: char| {
        let mut lines = paragraph.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(name, value)| name.chars().eq([key]) && !value.is_empty()).map(|(_, value)| value.to_owned())
    };
    Some(Package {
        name: text('P')?,
        version: text('V')?,
        architecture: text('A').unwrap_or_else(|| "noarch".to_owned()),
        manager: Manager::Apk,
        source: text('o'),
        source_version: None,
        maintainer: text('m'),
        homepage: text('U'),
        licence: text('L'),
    })
}

/// Every file with the package that it belongs to.
pub fn apk_owned(installed: &str) -> Vec<(String, String)> {
    let mut owned = Vec::new();
    for paragraph in installed.split("\n\n") {
        let Some(package) = package(paragraph) else { continue };
        let mut folder = "";
        for line in paragraph.lines() {
            match line.split_once(':') {
                Some(("F", path)) => folder = path,
                Some(("R", name)) if folder.is_empty() => owned.push((format!("/{name}"), package.name.clone())),
                Some(("R", name)) => owned.push((format!("/{folder}/{name}"), package.name.clone())),
                _ => {}
            }
        }
    }
    owned
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSTALLED: &str = "C:Q1abc=\nP:musl\nV:1.2.5-r9\nA:x86_64\nL:MIT\no:musl\nm:Somebody <a@b>\n\
        F:lib\nR:ld-musl-x86_64.so.1\nZ:Q1x=\n\nC:Q1def=\nP:alpine-baselayout\nV:3.7-r0\nA:x86_64\nL:GPL-2.0-only\n\
        F:\nF:etc\nR:motd\n";

    #[test]
    fn packages_and_their_files_are_read() {
        let packages = apk_packages(INSTALLED);
        let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["alpine-baselayout", "musl"]);
        assert_eq!(packages[1].licence.as_deref(), Some("MIT"));
        let owned = apk_owned(INSTALLED);
        assert!(owned.contains(&("/lib/ld-musl-x86_64.so.1".to_owned(), "musl".to_owned())), "{owned:?}");
        assert!(owned.contains(&("/etc/motd".to_owned(), "alpine-baselayout".to_owned())), "{owned:?}");
    }
}
