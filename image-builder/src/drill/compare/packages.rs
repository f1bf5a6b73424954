//! What the package database vouches for: files that are as a package shipped them are everybody's, and no identity.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use firstboot_unit::root::{Kind, Root, RootError};
use md5::{Digest, Md5};

/// dpkg's folder of lists and digests, one of each a package.
const INFO: &str = "/var/lib/dpkg/info";
/// dpkg's record of packages, with the digests of configuration files.
const STATUS: &str = "/var/lib/dpkg/status";
/// The most that is read of one of dpkg's files.
const CAP: u64 = 64 << 20;
/// Directories that were merged into `/usr`: packages may still list their old names.
const MERGED: [&str; 6] = ["bin/", "sbin/", "lib/", "lib32/", "lib64/", "libx32/"];

/// The database of a tree's packages, as far as it says what is whose.
#[derive(Debug, Default)]
pub(super) struct Packages {
    /// MD5 in hexadecimal digits, by path without its first slash.
    digests: BTreeMap<String, String>,
    /// Every path of every package, without its first slash.
    owned: BTreeSet<String>,
}

impl Packages {
    /// Reads dpkg's database; one without any package where there is none.
    pub(super) fn read(root: &Root) -> Result<Self, RootError> {
        let mut packages = Self::default();
        for entry in root.list(INFO)?.unwrap_or_default() {
            let name = entry.name.to_string_lossy();
            let path = Path::new(INFO).join(&*name);
            if entry.kind != Kind::File {
                continue;
            }
            if name.ends_with(".md5sums") {
                let text = root.read_text(&path, CAP)?.unwrap_or_default();
                packages.digests.extend(text.lines().filter_map(sum_line));
            } else if name.ends_with(".list") {
                let text = root.read_text(&path, CAP)?.unwrap_or_default();
                packages.owned.extend(text.lines().map(|line| line.trim_start_matches('/').to_owned()));
            }
        }
        let status = root.read_text(STATUS, CAP)?.unwrap_or_default();
        packages.digests.extend(status.lines().filter_map(configuration_line));
        Ok(packages)
    }

    /// Whether a package shipped exactly this file.
    pub(super) fn vouch_for(&self, path: &str, content: &[u8]) -> bool {
        names(path).iter().filter_map(|name| self.digests.get(name)).any(|digest| *digest == md5(content))
    }

    /// Whether the path is a package's, whatever stands there now.
    pub(super) fn own(&self, path: &str) -> bool {
        names(path).iter().any(|name| self.owned.contains(name))
    }

    /// Every path of every package.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.owned.iter().map(String::as_str)
    }

    /// The digests of everything that packages shipped.
    pub(super) fn digests(&self) -> impl Iterator<Item = &str> {
        self.digests.values().map(String::as_str)
    }
}

/// MD5 in hexadecimal digits.
pub(super) fn md5(content: &[u8]) -> String {
    let digits = Md5::digest(content).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

/// The names that the database may have for a path.
fn names(path: &str) -> Vec<String> {
    let name = path.trim_start_matches('/');
    let old = name.strip_prefix("usr/").filter(|rest| MERGED.iter().any(|merged| rest.starts_with(merged)));
    [Some(name), old].into_iter().flatten().map(str::to_owned).collect()
}

/// Reads `d41d8cd98f00b204e9800998ecf8427e  usr/bin/x`.
fn sum_line(line: &str) -> Option<(String, String)> {
    let (digest, path) = line.split_once("  ")?;
    Some((path.to_owned(), digest.to_owned()))
}

/// Reads ` /etc/x d41d8cd98f00b204e9800998ecf8427e`, a line below `Conffiles:`.
fn configuration_line(line: &str) -> Option<(String, String)> {
    let mut words = line.strip_prefix(" /")?.split(' ');
    let (path, digest) = (words.next()?, words.next()?);
    let is_digest = digest.len() == 32 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| (path.to_owned(), digest.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_vouched_for_while_it_is_as_it_was_shipped() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::open(dir.path()).unwrap();
        root.make_directories(INFO, 0o755).unwrap();
        let write = |path: &str, text: &str| {
            root.write(path, text.as_bytes(), firstboot_unit::root::NewFile::mode(0o644)).unwrap();
        };
        write("/var/lib/dpkg/info/libc6:amd64.md5sums", &format!("{}  lib/x86_64-linux-gnu/libc.so.6\n", md5(b"code")));
        write("/var/lib/dpkg/info/libc6:amd64.list", "/.\n/usr\n/lib/x86_64-linux-gnu/libc.so.6\n");
        write(STATUS, &format!("Package: x\nConffiles:\n /etc/x.conf {} obsolete\nVersion: 1\n", md5(b"a=1\n")));
        let packages = Packages::read(&root).unwrap();
        assert!(packages.vouch_for("/usr/lib/x86_64-linux-gnu/libc.so.6", b"code"));
        assert!(!packages.vouch_for("/usr/lib/x86_64-linux-gnu/libc.so.6", b"other"));
        assert!(packages.own("/usr/lib/x86_64-linux-gnu/libc.so.6") && !packages.own("/etc/y"));
        assert!(packages.vouch_for("/etc/x.conf", b"a=1\n") && !packages.vouch_for("/etc/x.conf", b"a=2\n"));
        assert!(!packages.vouch_for("/etc/y", b""));
    }
}
