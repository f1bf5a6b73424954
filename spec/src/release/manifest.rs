//! What a golden is: the document beside its archive.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::document::{Document, Namespace};
use super::first_boot::FirstBoot;
use super::parent::Parent;
use super::precondition::Precondition;
use super::sizes::{Bills, Sizes};
use crate::identity::{Finding, Identity, Verdict};
use crate::ids::{GoldenName, Sha256Hex};

/// The manifest of one release, `manifest.json` beside the archive. It appears after the archive, by rename: an
/// archive without a manifest is not a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form's version.
    pub version: u32,
    /// The golden's name, from its recipe.
    pub golden: GoldenName,
    /// The release: the time it was packed, UTC, `YYYYMMDDThhmmssZ`.
    pub release: String,
    /// The archive.
    pub archive: Archive,
    /// SHA-256 of the recipe's text.
    pub recipe: Sha256Hex,
    /// What the build started from.
    pub base: Base,
    /// The golden that it was built on, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// The embedded `pct.conf`, as text.
    pub config: String,
    /// Version of the identity catalog it was stripped and judged by.
    pub catalog: u32,
    /// The site's drop-ins to it, file name to SHA-256.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub catalog_drop_ins: BTreeMap<String, Sha256Hex>,
    /// The catalog judged item by item.
    pub findings: Vec<Finding>,
    /// Identities of the build guest: no guest may ever have them.
    pub forbidden: BTreeSet<Identity>,
    /// Debian packages, name to version.
    pub packages: BTreeMap<String, String>,
    /// The recipe's checks and what they printed.
    pub checks: Vec<CheckResult>,
    /// SHA-256 of the lock beside the archive: what it takes to build the same again.
    pub lock: Sha256Hex,
    /// Public keys that the recipe gives to every guest, one line each: anchors of who may log in, and no identity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access: Vec<String>,
    /// How host keys come back: `baked-unit` or `guest-exec`.
    pub host_keys: String,
    /// What a guest's first boot will do; absent where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_boot: Option<FirstBoot>,
    /// What the build needed of its node; a deferred one that was missing narrows what was verified.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preconditions: Vec<Precondition>,
    /// How big it is, and why.
    pub sizes: Sizes,
    /// What listened in the build guest while its checks ran, protocol and address to program; absent where it could
    /// not be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listening: Option<BTreeMap<String, String>>,
    /// The bills of materials beside the archive.
    pub bills: Bills,
    /// The verdict beside it.
    pub verdict: VerdictRef,
    /// Who built it, and when.
    pub builder: Builder,
}

/// A release's verdict, by content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictRef {
    /// Over all rows of the catalog.
    pub result: Verdict,
    /// SHA-256 of `ARCHIVE.verdict.json`.
    pub sha256: Sha256Hex,
}

/// The program that built a golden, and the time that it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Builder {
    /// Version of `image-builder`.
    pub version: String,
    /// When the build began.
    pub started: Timestamp,
    /// When its archive was found clean.
    pub finished: Timestamp,
}

impl Document for Manifest {
    const WHAT: &'static str = "manifest";
    const NAMESPACE: Namespace = Namespace::Manifest;
    const VERSION: u32 = 2;
    const LIMIT: usize = 8 << 20;

    fn version(&self) -> u32 {
        self.version
    }
}

/// A vzdump archive, by content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// File name; the archive stands beside its manifest.
    pub file: String,
    /// Volume id on the node where it was packed.
    pub volid: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: Sha256Hex,
    /// Bytes of the tar stream inside.
    pub tar_bytes: u64,
    /// Members of the tar stream.
    pub members: u64,
    /// SHA-256 of the list of members, in the archive's order (`docs/reference/tree-digest.md`).
    pub members_sha256: Sha256Hex,
    /// SHA-256 of the tree that it unpacks to, in its normal form: equal for equal trees, however they were packed.
    pub tree_sha256: Sha256Hex,
}

/// What a build started from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// The template's volume id.
    pub template: String,
    /// SHA-256 of the template's file.
    pub sha256: Sha256Hex,
}

/// A recipe's check and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The command.
    pub run: String,
    /// The first lines that it printed.
    pub output: String,
    /// The script's text where the command is a file beside the recipe: who drills a release has no recipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
}
