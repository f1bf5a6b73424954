//! What dpkg's database says of files: which package brought a path, and what sum its content had.
//!
//! Kept as keyed hashes of the paths: a golden has some ten thousand, and few are asked for.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::error::ArchiveError;
use crate::md5::{self, Md5Sum};

/// Where the lists lie, below the root.
const INFO: &[u8] = b"var/lib/dpkg/info/";
/// The most bytes of one list.
const MOST_LIST_BYTES: u64 = 8 << 20;
/// The most paths of all lists: five times what a Debian with a desktop has.
const MOST_PATHS: usize = 2_000_000;
/// Directories that are links into `/usr` today, but not in every package's list.
const MERGED: &[&str] = &["bin/", "sbin/", "lib/", "lib32/", "lib64/", "libx32/"];

/// Which of the two kinds of list a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    /// Paths, absolute.
    Paths,
    /// Sums and paths, relative.
    Sums,
}

/// The database as far as it was read.
pub(crate) struct Dpkg {
    keys: RandomState,
    packages: Vec<String>,
    /// Path → package.
    owners: HashMap<u64, u32>,
    /// Path → sum.
    sums: HashMap<u64, Md5Sum>,
}

impl Dpkg {
    pub(crate) fn new() -> Self {
        Self { keys: RandomState::new(), packages: Vec::new(), owners: HashMap::new(), sums: HashMap::new() }
    }

    /// How much of a file to keep for [`Dpkg::note`]; nothing where it is none of the database's.
    pub(crate) fn wants(path: &[u8]) -> Option<u64> {
        list(path).map(|_| MOST_LIST_BYTES)
    }

    /// Whether there is a database.
    pub(crate) fn is_there(&self) -> bool {
        !self.packages.is_empty()
    }

    /// Reads one of the lists.
    pub(crate) fn note(&mut self, path: &[u8], content: &[u8]) -> Result<(), ArchiveError> {
        let Some((package, list)) = list(path) else { return Ok(()) };
        let package = self.number(package);
        for line in String::from_utf8_lossy(content).lines() {
            match list {
                List::Paths => {
                    let key = self.keys.hash_one(line.trim_start_matches('/').as_bytes());
                    self.owners.insert(key, package);
                }
                List::Sums => {
                    if let Some((sum, path)) = line.split_once("  ")
                        && let Some(sum) = md5::parse(sum)
                    {
                        self.sums.insert(self.keys.hash_one(path.as_bytes()), sum);
                    }
                }
            }
        }
        if self.owners.len().max(self.sums.len()) > MOST_PATHS {
            return Err(ArchiveError::TooMuch { what: "paths in dpkg's lists", limit: MOST_PATHS as u64 });
        }
        Ok(())
    }

    /// The package that brought a path.
    pub(crate) fn owner(&self, path: &[u8]) -> Option<&str> {
        let package = self.spellings(path).find_map(|key| self.owners.get(&key))?;
        self.packages.get(*package as usize).map(String::as_str)
    }

    /// The package that brought a path, if the path's content is what the package has.
    pub(crate) fn vouches(&self, path: &[u8], sum: Md5Sum) -> Option<&str> {
        let same = self.spellings(path).any(|key| self.sums.get(&key) == Some(&sum));
        self.owner(path).filter(|_| same)
    }

    /// Whether some package has a sum of a path.
    pub(crate) fn has_sum(&self, path: &[u8]) -> bool {
        self.spellings(path).any(|key| self.sums.contains_key(&key))
    }

    /// A path's keys: as it is, and as it was before `/bin` and its kind became links.
    fn spellings<'a>(&'a self, path: &'a [u8]) -> impl Iterator<Item = u64> + 'a {
        let before =
            path.strip_prefix(b"usr/").filter(|rest| MERGED.iter().any(|top| rest.starts_with(top.as_bytes())));
        [Some(path), before].into_iter().flatten().map(|path| self.keys.hash_one(path))
    }

    fn number(&mut self, package: &str) -> u32 {
        let known = self.packages.iter().position(|known| known == package);
        let number = known.unwrap_or_else(|| {
            self.packages.push(package.to_owned());
            self.packages.len() - 1
        });
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}

/// The package and the kind of a list: `var/lib/dpkg/info/libc6:amd64.md5sums`.
fn list(path: &[u8]) -> Option<(&str, List)> {
    let name = std::str::from_utf8(path.strip_prefix(INFO)?).ok()?;
    let (package, list) = match name.rsplit_once('.')? {
        (package, "list") => (package, List::Paths),
        (package, "md5sums") => (package, List::Sums),
        _ => return None,
    };
    Some((package.split(':').next().unwrap_or(package), list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_vouched_for_while_it_is_what_the_package_has() {
        let mut dpkg = Dpkg::new();
        assert!(!dpkg.is_there());
        dpkg.note(b"var/lib/dpkg/info/mount:amd64.list", b"/.\n/bin\n/bin/mount\n/usr/share/doc/mount/x\n").unwrap();
        dpkg.note(b"var/lib/dpkg/info/mount.postinst", b"/usr/bin/evil\n").unwrap();
        let (empty, other) = ("d41d8cd98f00b204e9800998ecf8427e", "0cc175b9c0f1b6a831c399e269772661");
        dpkg.note(b"var/lib/dpkg/info/mount:amd64.md5sums", format!("{empty}  bin/mount\n").as_bytes()).unwrap();
        assert!(dpkg.is_there());
        assert_eq!(dpkg.owner(b"usr/bin/mount"), Some("mount"));
        assert_eq!(dpkg.owner(b"usr/share/doc/mount/x"), Some("mount"));
        assert_eq!(dpkg.owner(b"usr/bin/evil"), None);
        assert_eq!(dpkg.vouches(b"usr/bin/mount", md5::parse(empty).unwrap()), Some("mount"));
        assert_eq!(dpkg.vouches(b"usr/bin/mount", md5::parse(other).unwrap()), None);
        assert_eq!(dpkg.vouches(b"usr/share/doc/mount/x", md5::parse(empty).unwrap()), None);
        assert_eq!(md5::parse("zz"), None);
    }
}
