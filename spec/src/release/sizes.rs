//! How big a golden is, and why; and the digests of what lists its contents.

use serde::{Deserialize, Serialize};

use crate::ids::Sha256Hex;
use crate::minimize::Profile;
use crate::software::Attribution;

/// A golden's bytes: where they are, what went, and what was before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Where the tree's bytes are.
    pub attribution: Attribution,
    /// What was taken out before it was packed.
    pub minimized: Minimized,
    /// Bytes of `tar | zstd` of the stopped build guest before anything was taken out, where that was measured.
    pub unminimized_bytes: Option<u64>,
    /// The release before, where there is one.
    pub before: Option<Before>,
}

/// The digests of a golden's bills of materials, which lie beside its archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bills {
    /// SHA-256 of `ARCHIVE.sbom.cdx.json`.
    pub cyclonedx: Sha256Hex,
    /// SHA-256 of `ARCHIVE.sbom.spdx.json`.
    pub spdx: Sha256Hex,
}

/// What minimizing did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minimized {
    /// The recipe's profile.
    pub profile: Profile,
    /// Each rule that applied, in the table's order.
    pub rules: Vec<RuleOutcome>,
}

/// What one rule did, measured in the tree before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleOutcome {
    /// The rule.
    pub rule: String,
    /// Bytes of the files that the rule means, before.
    pub bytes_before: u64,
    /// The same afterwards: what stays, licences above all.
    pub bytes_after: u64,
    /// Files and links that went.
    pub files_removed: u64,
    /// The package for whose sake the rule was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed_by: Option<String>,
}

/// The release before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// The release.
    pub release: String,
    /// Bytes of its archive.
    pub bytes: u64,
}

impl Minimized {
    /// Bytes that all rules took.
    pub fn removed_bytes(&self) -> u64 {
        self.rules.iter().map(|rule| rule.bytes_before.saturating_sub(rule.bytes_after)).sum()
    }
}
