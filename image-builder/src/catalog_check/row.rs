//! One row's proof.

use serde::Serialize;
use spec::identity::catalog::Proof;
use spec::identity::{Finding, ImageRule, Item, Verdict};

/// How a row was proven.
#[derive(Debug, Clone, Serialize)]
pub struct RowProof {
    /// The row's id.
    pub item: &'static str,
    /// The outcome.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Outcome {
    /// Proven, here or in the tests that it names.
    Proven {
        /// How.
        how: String,
    },
    /// It cannot be proven.
    Unproven {
        /// Why not.
        why: String,
    },
    /// It does not hold, or has neither proof nor reason.
    Failed {
        /// What was seen.
        why: String,
    },
}

impl Outcome {
    /// As a word and an explanation.
    pub fn in_words(&self) -> (&'static str, &str) {
        match self {
            Self::Proven { how } => ("proven", how),
            Self::Unproven { why } => ("cannot", why),
            Self::Failed { why } => ("FAILED", why),
        }
    }
}

/// The proof of a row that nothing can be planted for.
pub(super) fn unplanted(item: &Item) -> Outcome {
    match item.proof {
        Proof::Configuration => {
            Outcome::Proven { how: "the configuration's rules (spec::pct) and every provision's read-back".to_owned() }
        }
        Proof::Cannot(why) => Outcome::Unproven { why: why.to_owned() },
        Proof::Planted | Proof::Live(_) if item.in_image == ImageRule::Keep && item.in_tree() => {
            Outcome::Proven { how: "nothing is looked at: the same in every guest, by design".to_owned() }
        }
        Proof::Planted | Proof::Live(_) => {
            Outcome::Failed { why: "it is neither planted nor says why it cannot be".to_owned() }
        }
    }
}

/// Whether a row's samples are seen as they must be before a strip.
pub(super) fn seen(item: &Item, samples: &[String], findings: &[Finding], wherein: &str) -> Result<(), String> {
    let told = item.in_image == ImageRule::Report;
    let expected = if told { Verdict::Pass } else { Verdict::Fail };
    for path in samples {
        let inside = |place: &str| path == place || path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'));
        match findings.iter().find(|finding| finding.item == item.id && inside(&finding.place)) {
            None => return Err(format!("{path} is not seen in the {wherein}")),
            Some(finding) if finding.verdict != expected => {
                return Err(format!("{path} in the {wherein}: {:?}, {}", finding.verdict, finding.why));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Whether it is gone after a strip, or still there where strip must not touch it.
pub(super) fn gone(item: &Item, findings: &[Finding], wherein: &str) -> Result<(), String> {
    let own = || findings.iter().filter(|finding| finding.item == item.id);
    let bad = own().find(|finding| finding.verdict > Verdict::Skipped);
    match (item.in_image, bad) {
        (_, _) if own().next().is_none() => Err(format!("nobody looked for it in the stripped {wherein}")),
        (ImageRule::Forbidden, None) => Err(format!("strip has touched it in the {wherein}")),
        (ImageRule::Forbidden, Some(_)) | (_, None) => Ok(()),
        (_, Some(finding)) => Err(format!("after strip the {wherein} still has {}: {}", finding.place, finding.why)),
    }
}
