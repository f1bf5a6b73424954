//! What a guest can do without, taken out of the stopped tree by the recipe's rules.

use std::path::Path;

use firstboot_unit::root::{Kind, NewFile, Root, RootError, Visit};
use spec::minimize::{Active, DROP_IN, Minimize, drop_in};
use spec::release::{Minimized, RuleOutcome};
use spec::software::{APK_INSTALLED, DPKG_STATUS, DpkgError, apk_packages, dpkg_packages};

/// A package database larger than this is none.
const MOST_DATABASE: u64 = 64 << 20;
/// Where dpkg looks for drop-ins; an image without it has no dpkg, or none that is configured so.
const DPKG_DROP_INS: &str = "/etc/dpkg/dpkg.cfg.d";

/// Why an image could not be minimized.
#[derive(Debug, thiserror::Error)]
pub enum MinimizeError {
    /// A file could not be looked at, removed or written.
    #[error("cannot apply the rules to the tree")]
    Tree(#[from] RootError),
    /// The package database does not read, and with it nobody knows who needs what.
    #[error("cannot tell what is installed")]
    Database(#[from] DpkgError),
}

/// Applies the rules; measured before and after each.
pub fn minimize(root: &Root, chosen: &Minimize) -> Result<Minimized, MinimizeError> {
    let packages = installed(root)?;
    let mut minimized = Minimized { profile: chosen.profile, rules: Vec::new() };
    let mut applied = Vec::new();
    for active in chosen.active() {
        let needed_by = active.needed_by(packages.iter().map(String::as_str)).map(str::to_owned);
        let bytes_before = bytes(root, &active)?;
        let files_removed = if needed_by.is_none() { take(root, &active)? } else { 0 };
        minimized.rules.push(RuleOutcome {
            rule: active.rule.name.to_owned(),
            bytes_before,
            bytes_after: bytes(root, &active)?,
            files_removed,
            needed_by: needed_by.clone(),
        });
        if needed_by.is_none() {
            applied.push(active);
        }
    }
    if let Some(text) = drop_in(&applied).filter(|_| matches!(root.list(DPKG_DROP_INS), Ok(Some(_)))) {
        root.write(DROP_IN, text.as_bytes(), NewFile::mode(0o644))?;
    }
    Ok(minimized)
}

fn installed(root: &Root) -> Result<Vec<String>, MinimizeError> {
    let mut packages = Vec::new();
    if let Some(text) = root.read_text(DPKG_STATUS, MOST_DATABASE)? {
        packages.extend(dpkg_packages(&text)?);
    }
    if let Some(text) = root.read_text(APK_INSTALLED, MOST_DATABASE)? {
        packages.extend(apk_packages(&text));
    }
    Ok(packages.into_iter().map(|package| package.name).collect())
}

/// Bytes of the files that a rule means, whether they stay or not.
fn bytes(root: &Root, active: &Active) -> Result<u64, RootError> {
    let mut sum = 0;
    for base in active.bases() {
        let tally = root.tally(&base, |path, kind| visit(active, path, kind, Active::covers))?;
        sum += tally.map_or(0, |tally| tally.bytes);
    }
    Ok(sum)
}

/// Removes the files that a rule takes; directories stay.
fn take(root: &Root, active: &Active) -> Result<u64, RootError> {
    let mut files = 0;
    for base in active.bases() {
        files += root.remove_files_below(&base, |path, kind| visit(active, path, kind, Active::takes))?.files;
    }
    Ok(files)
}

/// Into every directory that may hold something; to every file that is meant.
fn visit(active: &Active, path: &Path, kind: Kind, is_meant: fn(&Active, &str) -> bool) -> Visit {
    let path = path.to_string_lossy();
    let enter = match kind {
        Kind::Directory => active.may_cover_below(&path),
        _ => is_meant(active, &path),
    };
    if enter { Visit::Enter } else { Visit::Skip }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use spec::minimize::Profile;

    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn s4_11_manuals_and_caches_go_licences_folders_and_everything_else_stay() {
        let dir = tree(&[
            ("usr/share/man/man1/ls.1.gz", "manual"),
            ("usr/share/doc/bash/copyright", "GPL"),
            ("usr/share/doc/bash/changelog.gz", "much"),
            ("usr/share/locale/fr/LC_MESSAGES/x.mo", "french"),
            ("usr/share/locale/en/LC_MESSAGES/x.mo", "english"),
            ("var/cache/apt/archives/bash.deb", "a package"),
            ("etc/dpkg/dpkg.cfg", ""),
            ("etc/dpkg/dpkg.cfg.d/excludes", ""),
            ("usr/bin/ls", "program"),
        ]);
        std::os::unix::fs::symlink("bash", dir.path().join("usr/share/doc/bash-static")).unwrap();
        let root = Root::open(dir.path()).unwrap();
        let chosen = Minimize { profile: Profile::Standard, languages: vec!["en".to_owned()], ..Minimize::default() };
        let done = minimize(&root, &chosen).unwrap();
        let rule = |name: &str| done.rules.iter().find(|rule| rule.rule == name).unwrap();
        assert_eq!((rule("documentation").bytes_before, rule("documentation").bytes_after), (7, 3));
        assert_eq!((rule("man-pages").bytes_before, rule("man-pages").bytes_after), (6, 0));
        assert_eq!(rule("translations").files_removed, 1);
        for stays in [
            "usr/share/man/man1",
            "usr/share/doc/bash/copyright",
            "usr/share/doc/bash-static",
            "usr/share/locale/en/LC_MESSAGES/x.mo",
            "usr/bin/ls",
            "var/cache/apt/archives",
        ] {
            assert!(fs::symlink_metadata(dir.path().join(stays)).is_ok(), "{stays}");
        }
        let drop_in = fs::read_to_string(dir.path().join(&DROP_IN[1..])).unwrap();
        assert!(drop_in.contains("path-exclude=/usr/share/man/*\n"), "{drop_in}");
        // Twice the same: nothing is left to take, and the licence still weighs what it weighed.
        let again = minimize(&root, &chosen).unwrap();
        assert_eq!(again.removed_bytes(), 0);
    }

    #[test]
    fn what_an_installed_package_needs_stays_and_the_package_is_named() {
        let dir = tree(&[
            ("usr/include/stdio.h", "int printf();"),
            ("var/lib/dpkg/status", "Package: gcc-14\nStatus: install ok installed\nVersion: 14\n"),
        ]);
        let root = Root::open(dir.path()).unwrap();
        let done = minimize(&root, &Minimize { profile: Profile::Small, ..Minimize::default() }).unwrap();
        let headers = done.rules.iter().find(|rule| rule.rule == "headers").unwrap();
        assert_eq!((headers.needed_by.as_deref(), headers.bytes_after), (Some("gcc-14"), 13));
        assert!(dir.path().join("usr/include/stdio.h").exists());
    }

    #[test]
    fn without_a_profile_nothing_is_touched() {
        let dir = tree(&[("usr/share/man/man1/ls.1.gz", "manual"), ("etc/dpkg/dpkg.cfg.d/x", "")]);
        let root = Root::open(dir.path()).unwrap();
        assert_eq!(minimize(&root, &Minimize::default()).unwrap(), Minimized::default());
        assert!(!dir.path().join(&DROP_IN[1..]).exists());
    }
}
