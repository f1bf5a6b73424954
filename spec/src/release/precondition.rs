//! What a build or a run needs of the world around it, looked at before anything is touched.

use serde::{Deserialize, Serialize};

use crate::identity::Verdict;

/// One precondition and how it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Precondition {
    /// What it is about: a storage, the memory, a name.
    pub about: String,
    /// What becomes of a build without it.
    pub class: Need,
    /// How it was found.
    pub verdict: Verdict,
    /// What is needed and what is there.
    pub why: String,
}

/// What becomes of a build without a precondition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// Nothing is begun.
    Required,
    /// It is begun, and what hangs on the precondition is not verified.
    Deferred,
}
