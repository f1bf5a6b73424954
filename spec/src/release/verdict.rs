//! The verdict: every row of the catalog and its state in this image, as a statement that can be signed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::document::{Document, Namespace};
use super::manifest::CheckResult;
use crate::identity::{Finding, MachineIdState, Verdict};
use crate::ids::{GoldenName, Sha256Hex};

/// `ARCHIVE.verdict.json`: what a release is, row by row. The manifest names it by digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The form's version.
    pub version: u32,
    /// The golden.
    pub golden: GoldenName,
    /// Its release.
    pub release: String,
    /// What it is said of: SHA-256 of the archive.
    pub archive: Sha256Hex,
    /// Version of the catalog.
    pub catalog: u32,
    /// What the image's machine-id was meant to be.
    pub machine_id: MachineIdState,
    /// Over all rows.
    pub result: Verdict,
    /// Every row of the catalog, by its id.
    pub rows: BTreeMap<String, RowState>,
    /// The recipe's checks and what they printed.
    pub checks: Vec<CheckResult>,
    /// What nobody could verify before the guest's first boot, and why: told, never counted as passed.
    pub not_verified: Vec<String>,
}

/// A row of the catalog in an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", deny_unknown_fields)]
pub enum RowState {
    /// Looked, and nothing that must not be there is.
    Clean,
    /// Left on purpose.
    Kept {
        /// The recipe's reason.
        reason: String,
    },
    /// The row is not about images' trees.
    NotApplicable {
        /// Who judges it instead.
        why: String,
    },
    /// Could not be looked at.
    Unverified {
        /// Why not.
        why: String,
    },
    /// Looked, and something is there.
    Failed {
        /// What.
        why: String,
    },
}

/// The rows of a verdict: each of the catalog's ids, with the worst that was found at any of its places. Beside an id
/// stands why nobody judges it in an image's tree, where that is so.
pub fn rows<'a>(
    catalog: impl IntoIterator<Item = (&'a str, Option<String>)>,
    findings: &[Finding],
) -> BTreeMap<String, RowState> {
    let row = |(id, unjudged): (&str, _)| {
        (id.to_owned(), row(unjudged, findings.iter().filter(|finding| finding.item == id)))
    };
    catalog.into_iter().map(row).collect()
}

fn row<'a>(unjudged: Option<String>, findings: impl Iterator<Item = &'a Finding>) -> RowState {
    let Some(worst) = findings.max_by_key(|finding| finding.verdict) else {
        return match unjudged {
            Some(why) => RowState::NotApplicable { why },
            None => RowState::Unverified { why: "nobody looked".to_owned() },
        };
    };
    let why = || format!("{}: {}", worst.place, worst.why);
    match worst.verdict {
        Verdict::Pass => RowState::Clean,
        Verdict::Skipped => RowState::Kept { reason: worst.why.clone() },
        Verdict::Unverified => RowState::Unverified { why: why() },
        Verdict::Fail => RowState::Failed { why: why() },
    }
}

impl Document for Statement {
    const WHAT: &'static str = "verdict";
    const NAMESPACE: Namespace = Namespace::Verdict;
    const VERSION: u32 = 1;
    const LIMIT: usize = 1 << 20;

    fn version(&self) -> u32 {
        self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(item: &str, verdict: Verdict) -> Finding {
        Finding { item: item.into(), place: "/x".into(), verdict, why: "seen".into() }
    }

    #[test]
    fn every_row_stands_there_with_the_worst_of_its_places() {
        let findings = [
            finding("a", Verdict::Pass),
            finding("a", Verdict::Fail),
            finding("b", Verdict::Pass),
            finding("c", Verdict::Skipped),
            finding("d", Verdict::Unverified),
        ];
        let rows = rows(
            [("a", None), ("b", None), ("c", None), ("d", None), ("e", Some("not in a tree".into())), ("f", None)],
            &findings,
        );
        assert_eq!(rows["a"], RowState::Failed { why: "/x: seen".into() });
        assert_eq!(rows["b"], RowState::Clean);
        assert_eq!(rows["c"], RowState::Kept { reason: "seen".into() });
        assert_eq!(rows["d"], RowState::Unverified { why: "/x: seen".into() });
        assert_eq!(rows["e"], RowState::NotApplicable { why: "not in a tree".into() });
        assert_eq!(rows["f"], RowState::Unverified { why: "nobody looked".into() });
    }
}
