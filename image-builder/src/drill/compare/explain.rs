//! Why two twins may hold one token without sharing an identity.
//!
//! There is no list of file names that are forgiven. A token is explained by where its value comes from: a file that a
//! package shipped, a digest of something on the disk, the builder's own program, the keys that the recipe gives to
//! everybody, the node that both twins ran on.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::Path;

use firstboot_unit::root::Root;
use serde::{Deserialize, Serialize};

use super::reading::Ownership;
use super::tokens::{self, Token};

/// Folders of package managers: what they say of packages, in the packages' own words.
const PACKAGE_MANAGERS: [&str; 5] =
    ["/var/lib/dpkg", "/var/lib/apt", "/var/cache/debconf/templates.dat", "/lib/apk/db", "/usr/lib/sysimage/rpm"];
/// The most that is read of a package's file to find a token again. Texts are smaller, programs are not read.
const TEXT_CAP: u64 = 512 << 10;
/// Folders of packages' texts.
const TEXTS: [&str; 4] = ["/etc", "/usr/share", "/usr/lib/systemd", "/usr/lib/udev"];

/// What explains a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Explained {
    /// The package manager's own records.
    PackageManager,
    /// It stands in a file that a package shipped, or in its name.
    PackageText,
    /// It is the digest of a file on the disk, or of one that a package shipped.
    Digest,
    /// Compiled from a file that a package shipped.
    Compiled,
    /// The builder's own program and units.
    Builder,
    /// A public key that the recipe gives to every guest.
    Access,
    /// The node gave it to both.
    Node,
}

impl Explained {
    /// The reason in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::PackageManager => "records of the package manager",
            Self::PackageText => "stands in a file that a package shipped",
            Self::Digest => "digest of a file",
            Self::Compiled => "compiled from a package's file",
            Self::Builder => "the builder's first-boot program",
            Self::Access => "a public key that the recipe gives to every guest",
            Self::Node => "the node gave it to both",
        }
    }
}

/// Everything that a token may be explained by.
pub(crate) struct Explanations<'r> {
    root: &'r Root,
    ownership: &'r Ownership,
    digests: BTreeSet<&'r str>,
    access: BTreeSet<Token>,
    node: BTreeSet<Token>,
    /// Read when the first token needs it: most goldens have few that do.
    texts: OnceCell<BTreeSet<String>>,
}

impl<'r> Explanations<'r> {
    /// Explanations over one twin's tree. `access` are lines that the recipe gives to every guest, `node` values that
    /// the node has.
    pub(crate) fn new(root: &'r Root, ownership: &'r Ownership, access: &[String], node: &[String]) -> Self {
        let digests = ownership.packages.digests().chain(ownership.digests.iter().map(String::as_str)).collect();
        let tokens = |texts: &[String]| texts.iter().flat_map(|text| tokens::of_content(text.as_bytes())).collect();
        Self { root, ownership, digests, access: tokens(access), node: tokens(node), texts: OnceCell::new() }
    }

    /// What explains a token at a path, if anything does.
    pub(crate) fn of(&self, path: &Path, token: &Token) -> Option<Explained> {
        let known = |tokens: &BTreeSet<Token>| tokens.iter().any(|known| known.value == token.value);
        if PACKAGE_MANAGERS.iter().any(|folder| path.starts_with(folder)) {
            Some(Explained::PackageManager)
        } else if path.starts_with("/usr/lib/mintmark") {
            Some(Explained::Builder)
        } else if known(&self.access) {
            Some(Explained::Access)
        } else if known(&self.node) {
            Some(Explained::Node)
        } else if self.digests.contains(token.value.as_str()) {
            Some(Explained::Digest)
        } else if self.is_compiled(path) {
            Some(Explained::Compiled)
        } else if self.texts.get_or_init(|| self.read_texts()).contains(&token.value) {
            Some(Explained::PackageText)
        } else {
            None
        }
    }

    /// Python's byte code: `__pycache__/x.cpython-313.pyc` of a package's `x.py`.
    fn is_compiled(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = path.parent().filter(|folder| folder.ends_with("__pycache__")).and_then(Path::parent);
        let (Some(folder), Some((module, _))) = (folder, name.split_once(".cpython-")) else { return false };
        self.ownership.is_vouched(&folder.join(format!("{module}.py")))
    }

    fn read_texts(&self) -> BTreeSet<String> {
        let texts = self.ownership.vouched().filter(|path| TEXTS.iter().any(|folder| path.starts_with(folder)));
        // A text that cannot be read explains nothing: its tokens are told, which is the safe side.
        let contents = texts.filter_map(|path| self.root.read(path, TEXT_CAP).ok().flatten());
        let names = self.ownership.packages.paths().flat_map(|path| tokens::of_path(path.as_bytes()));
        contents.flat_map(|content| tokens::of_content(&content)).chain(names).map(|token| token.value).collect()
    }
}
