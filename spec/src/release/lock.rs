//! The lock: what a golden was made from and what came out, exact enough to make it again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{GoldenName, Sha256Hex};

/// The newest form.
pub const LOCK_VERSION: u32 = 1;

/// A build's lock: `golden.lock` beside the recipe `golden.toml`, and `ARCHIVE.lock.json` beside a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The form's version.
    pub version: u32,
    /// The golden's name.
    pub golden: GoldenName,
    /// The time that the build gives to whatever would write down the current one (`SOURCE_DATE_EPOCH`): seconds since
    /// 1970.
    pub epoch: u64,
    /// What the build was given.
    pub inputs: Inputs,
    /// What it started from.
    pub base: LockedBase,
    /// Where the guest's apt took packages from.
    pub sources: BTreeSet<AptSource>,
    /// Every package of the golden: by name, or `name:architecture` for those of a foreign one.
    pub packages: BTreeMap<String, LockedPackage>,
    /// The normalised digest of the golden's tree.
    pub tree: Option<Sha256Hex>,
}

/// What a build is given. Two builds of equal inputs differ only by what they fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// SHA-256 of the recipe's text.
    pub recipe: Sha256Hex,
    /// What the command line changed in it, `KEY` to the value as TOML; without `access`, which counts by content.
    pub settings: BTreeMap<String, String>,
    /// SHA-256 of the public keys that the golden lets in.
    pub access: Sha256Hex,
    /// Scripts and copied files, by their path beside the recipe.
    pub files: BTreeMap<String, Sha256Hex>,
    /// SHA-256 of the static first-boot program, where it is baked in.
    pub firstboot: Option<Sha256Hex>,
    /// The builder's version.
    pub builder: String,
    /// The identity catalog's version.
    pub catalog: u32,
}

/// What a build started from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum LockedBase {
    /// A template of the node's storage.
    Template {
        /// SHA-256 of its file.
        sha256: Sha256Hex,
    },
    /// A bootstrapped tree.
    Bootstrap {
        /// SHA-256 of the template that it was kept as.
        sha256: Sha256Hex,
        /// Every package in it, name to version.
        packages: BTreeMap<String, String>,
    },
    /// Another golden.
    Golden {
        /// Its release, `NAME@RELEASE`.
        release: String,
        /// SHA-256 of its archive.
        sha256: Sha256Hex,
    },
}

/// A package as it is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedPackage {
    /// Its version.
    pub version: String,
    /// Its architecture; `all` for none in particular.
    pub architecture: String,
    /// SHA-256 of its `.deb`, where the archive's index says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256Hex>,
}

/// One component of one distribution, as apt fetches it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AptSource {
    /// The archive, `http://deb.debian.org/debian`.
    pub uri: String,
    /// The distribution, `trixie-security`.
    pub suite: String,
    /// The component, `main`.
    pub component: String,
    /// The keyring that its index is held against, where the source names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
}

/// One thing that is not as the lock has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockDifference {
    /// What it is: `file scripts/slim.sh`, `package openssl`.
    pub what: String,
    /// What the lock says; `None` where it does not know the thing.
    pub locked: Option<String>,
    /// What is there; `None` where it is missing.
    pub found: Option<String>,
}

impl fmt::Display for LockDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, locked, found } = self;
        match (locked, found) {
            (Some(locked), Some(found)) => write!(f, "{what}: locked {locked}, found {found}"),
            (Some(locked), None) => write!(f, "{what}: locked {locked}, not there"),
            (None, Some(found)) => write!(f, "{what}: {found} is not in the lock"),
            (None, None) => write!(f, "{what}: neither locked nor there"),
        }
    }
}

impl Inputs {
    /// What differs in `now`, thing by thing.
    pub fn differences(&self, now: &Self) -> Vec<LockDifference> {
        let one = |what: &str, locked: Option<String>, found: Option<String>| differ(what, locked, found);
        let mut differences: Vec<LockDifference> = [
            one("the recipe", Some(self.recipe.to_string()), Some(now.recipe.to_string())),
            one("the keys of its access", Some(self.access.to_string()), Some(now.access.to_string())),
            one("the first-boot program", shown(self.firstboot.as_ref()), shown(now.firstboot.as_ref())),
            one("the builder's version", Some(self.builder.clone()), Some(now.builder.clone())),
            one("the identity catalog's version", Some(self.catalog.to_string()), Some(now.catalog.to_string())),
        ]
        .into_iter()
        .flatten()
        .collect();
        differences.extend(between("--set", &self.settings, &now.settings, Clone::clone));
        differences.extend(between("file", &self.files, &now.files, ToString::to_string));
        differences
    }
}

impl Lock {
    /// Every package whose version or architecture is not the locked one, that is missing, or that is too many.
    pub fn package_differences(&self, found: &BTreeMap<String, LockedPackage>) -> Vec<LockDifference> {
        between("package", &self.packages, found, LockedPackage::shown)
    }
}

impl LockedPackage {
    fn shown(&self) -> String {
        format!("{} {}", self.version, self.architecture)
    }
}

impl LockedBase {
    /// The packages of a bootstrapped base that are not as locked.
    pub fn package_differences(&self, found: &BTreeMap<String, String>) -> Vec<LockDifference> {
        match self {
            Self::Bootstrap { packages, .. } => between("package", packages, found, Clone::clone),
            Self::Template { .. } | Self::Golden { .. } => Vec::new(),
        }
    }

    /// SHA-256 of the file that it came from.
    pub fn sha256(&self) -> &Sha256Hex {
        match self {
            Self::Template { sha256 } | Self::Bootstrap { sha256, .. } | Self::Golden { sha256, .. } => sha256,
        }
    }
}

fn shown(digest: Option<&Sha256Hex>) -> Option<String> {
    digest.map(ToString::to_string)
}

fn differ(what: &str, locked: Option<String>, found: Option<String>) -> Option<LockDifference> {
    (locked != found).then(|| LockDifference { what: what.to_owned(), locked, found })
}

/// The entries of two maps that are not the same in both.
fn between<V>(
    kind: &str,
    locked: &BTreeMap<String, V>,
    found: &BTreeMap<String, V>,
    show: impl Fn(&V) -> String,
) -> Vec<LockDifference> {
    let names: BTreeSet<&String> = locked.keys().chain(found.keys()).collect();
    let one =
        |name: &String| differ(&format!("{kind} {name}"), locked.get(name).map(&show), found.get(name).map(&show));
    names.into_iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        serde_json::from_str(include_str!("../../fixtures/lock.json")).unwrap()
    }

    #[test]
    fn s2_12_a_lock_reads_back_as_it_was_written() {
        let text = serde_json::to_string_pretty(&lock()).unwrap();
        assert_eq!(format!("{text}\n"), include_str!("../../fixtures/lock.json"));
        assert!(serde_json::from_str::<Lock>(&text.replace("\"epoch\"", "\"epochs\"")).is_err());
    }

    #[test]
    fn every_input_that_differs_is_named() {
        let (locked, mut now) = (lock().inputs, lock().inputs);
        assert_eq!(locked.differences(&now), []);
        now.recipe = "1".repeat(64).parse().unwrap();
        now.firstboot = None;
        now.settings.insert("container.cores".into(), "4".into());
        now.files.insert("scripts/slim.sh".into(), "2".repeat(64).parse().unwrap());
        let named: Vec<String> = locked.differences(&now).iter().map(|difference| difference.what.clone()).collect();
        assert_eq!(named, ["the recipe", "the first-boot program", "--set container.cores", "file scripts/slim.sh"]);
    }

    #[test]
    fn packages_are_equal_by_version_and_architecture_not_by_where_they_came_from() {
        let lock = lock();
        let mut found = lock.packages.clone();
        for package in found.values_mut() {
            package.sha256 = None;
        }
        assert_eq!(lock.package_differences(&found), []);
        found.remove("adduser");
        found
            .insert("curl".into(), LockedPackage { version: "8.1".into(), architecture: "amd64".into(), sha256: None });
        let told: Vec<String> = lock.package_differences(&found).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            ["package adduser: locked 3.152 all, not there", "package curl: 8.1 amd64 is not in the lock"]
        );
    }
}
