//! The preflight of a build.

use pve_host::process::CommandError;
use spec::identity::Verdict;
use spec::release::Precondition;

use super::judge::{judge, missing};
use super::look::look;
use crate::workshop::Workshop;

/// Why a build is not begun.
#[derive(Debug, thiserror::Error)]
pub enum PreflightError {
    /// The node does not answer.
    #[error("the node does not tell what it has")]
    Node(#[from] CommandError),
    /// It lacks something.
    #[error("the node cannot carry this build:\n  {}", .0.join("\n  "))]
    Missing(Vec<String>),
}

/// Looks and judges; what is missing and deferred is a warning, what could not be known is told.
pub(crate) fn check(workshop: &Workshop<'_>) -> Result<Vec<Precondition>, PreflightError> {
    let judged = judge(workshop.recipe, &look(workshop)?);
    let missing = missing(&judged);
    if !missing.is_empty() {
        return Err(PreflightError::Missing(missing));
    }
    for one in &judged {
        let told = format!("{}: {}", one.about, one.why);
        match one.verdict {
            Verdict::Pass => {}
            Verdict::Fail => workshop.progress.warn(&told),
            Verdict::Skipped | Verdict::Unverified => workshop.progress.say(&told),
        }
    }
    Ok(judged)
}
