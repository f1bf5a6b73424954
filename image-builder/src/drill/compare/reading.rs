//! A tree read for the comparison: of every file that nobody vouches for, what in it looks drawn.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use firstboot_unit::root::{Kind, Root, RootError, Visit};
use spec::identity::Catalog;

use super::packages::{Packages, md5};
use super::tokens::{self, Token};

/// The most that is read of one file; the largest that is nobody's package in a golden has less than 1 MiB.
const FILE_CAP: u64 = 64 << 20;
/// The same where only a package's digest is asked for: programs are larger.
const PACKAGE_CAP: u64 = 1 << 30;
/// Directories of the root that belong to the running system, not to the tree.
const NOT_OF_THE_TREE: [&str; 5] = ["dev", "proc", "run", "sys", "lost+found"];

/// What is known of a golden's tree before twins are compared: whose its files are.
#[derive(Debug)]
pub(crate) struct Ownership {
    pub(super) packages: Packages,
    /// Files that are exactly as their packages shipped them, with size and time of change.
    vouched: BTreeMap<PathBuf, (u64, i64)>,
    /// MD5 of every other file.
    pub(super) digests: BTreeSet<String>,
}

/// A tree's tokens.
#[derive(Debug, Default)]
pub(crate) struct TreeReading {
    /// Tokens by path: of contents, of links' targets, and of names.
    pub(super) tokens: BTreeMap<PathBuf, BTreeSet<Token>>,
    /// Files that were read.
    pub(crate) files: u64,
    /// Bytes that were read.
    pub(crate) bytes: u64,
    /// What could not be read, and why.
    pub(crate) unread: Vec<(PathBuf, String)>,
}

impl Ownership {
    /// Reads the package database and holds every file against it.
    pub(crate) fn of(root: &Root, catalog: &Catalog) -> Result<Self, RootError> {
        let packages = Packages::read(root)?;
        let mut ownership = Self { packages, vouched: BTreeMap::new(), digests: BTreeSet::new() };
        for (path, kind) in entries(root)? {
            if kind != Kind::File || is_catalogued(catalog, &path) {
                continue;
            }
            let Some(stat) = root.stat(&path)? else { continue };
            // What cannot be read here is met again, and told, when its tokens are looked for.
            let Ok(Some(content)) = root.read(&path, PACKAGE_CAP) else { continue };
            if ownership.packages.vouch_for(&path.to_string_lossy(), &content) {
                ownership.vouched.insert(path, (stat.size, stat.modified));
            } else {
                ownership.digests.insert(md5(&content));
            }
        }
        Ok(ownership)
    }

    /// The files that are as their packages shipped them.
    pub(super) fn vouched(&self) -> impl Iterator<Item = &Path> {
        self.vouched.keys().map(PathBuf::as_path)
    }

    /// Whether a package shipped the file at this path.
    pub(super) fn is_vouched(&self, path: &Path) -> bool {
        self.vouched.contains_key(path)
    }

    /// Whether a file is the one that was vouched for: a twin's copy has its size and its time of change.
    fn is_untouched(&self, root: &Root, path: &Path) -> Result<bool, RootError> {
        let Some((size, modified)) = self.vouched.get(path) else { return Ok(false) };
        Ok(root.stat(path)?.is_some_and(|stat| (stat.size, stat.modified) == (*size, *modified)))
    }
}

impl TreeReading {
    /// Reads everything that neither a package nor the catalog answers for.
    pub(crate) fn of(root: &Root, catalog: &Catalog, ownership: &Ownership) -> Result<Self, RootError> {
        let mut reading = Self::default();
        for (path, kind) in entries(root)? {
            if is_catalogued(catalog, &path) {
                continue;
            }
            let mut found = match kind {
                Kind::File if ownership.is_untouched(root, &path)? => continue,
                Kind::File => reading.content(root, &path),
                Kind::Link => {
                    let target = root.read_link(&path)?.unwrap_or_default();
                    tokens::of_path(target.as_os_str().as_bytes())
                }
                Kind::Directory | Kind::Special => BTreeSet::new(),
            };
            if !ownership.packages.own(&path.to_string_lossy()) {
                found.extend(tokens::of_path(path.file_name().unwrap_or_default().as_bytes()));
            }
            if !found.is_empty() {
                reading.tokens.insert(path, found);
            }
        }
        Ok(reading)
    }

    fn content(&mut self, root: &Root, path: &Path) -> BTreeSet<Token> {
        match root.read(path, FILE_CAP) {
            Ok(content) => {
                let content = content.unwrap_or_default();
                self.files += 1;
                self.bytes += u64::try_from(content.len()).unwrap_or(u64::MAX);
                tokens::of_content(&content)
            }
            Err(error) => {
                let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
                self.unread.push((path.to_owned(), why));
                BTreeSet::new()
            }
        }
    }

    /// The tokens at a path.
    pub(crate) fn at(&self, path: &Path) -> Option<&BTreeSet<Token>> {
        self.tokens.get(path)
    }

    /// Tokens, each once.
    pub(crate) fn distinct(&self) -> usize {
        self.tokens.values().flatten().collect::<BTreeSet<_>>().len()
    }
}

fn is_catalogued(catalog: &Catalog, path: &Path) -> bool {
    path.to_str().is_some_and(|path| catalog.covers(path).is_some())
}

/// Everything in a tree but what the running system mounts over it, sorted.
fn entries(root: &Root) -> Result<Vec<(PathBuf, Kind)>, RootError> {
    let mut entries = Vec::new();
    for entry in root.list("/")?.unwrap_or_default() {
        if NOT_OF_THE_TREE.iter().any(|name| OsStr::new(name) == entry.name) {
            continue;
        }
        let path = Path::new("/").join(&entry.name);
        entries.push((path.clone(), entry.kind));
        if entry.kind == Kind::Directory {
            root.tally(&path, |below, kind| {
                entries.push((below.to_owned(), kind));
                Visit::Enter
            })?;
        }
    }
    Ok(entries)
}
