//! What a dry run tells.

use std::collections::BTreeMap;

use serde::Serialize;
use spec::ids::CustomerId;

/// What a run would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rehearsal {
    /// The plan that would be run.
    pub plan: &'static str,
    /// Whom for.
    pub customer: CustomerId,
    /// What it would do, in order.
    pub acts: Vec<Act>,
    /// What the names in angle brackets stand for: values that only the run will know.
    pub later: BTreeMap<String, String>,
}

/// One thing that would be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Act {
    /// The step that would do it; `before` is ahead of the run.
    pub step: &'static str,
    /// What.
    #[serde(flatten)]
    pub does: Does,
}

/// What would be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "does", rename_all = "kebab-case")]
pub enum Does {
    /// A call that changes something on the node.
    Call {
        /// The HTTP method.
        method: &'static str,
        /// The path below `/api2/json`.
        path: String,
        /// The parameters: the body's, or of a DELETE the query's.
        params: BTreeMap<String, String>,
    },
    /// Rows of the ledger change.
    Ledger {
        /// Which.
        what: String,
    },
    /// The helper on the node writes into the guest.
    Helper {
        /// What.
        what: String,
    },
    /// The guest is spoken to over SSH.
    Ssh {
        /// What about.
        what: String,
    },
    /// A file of this machine changes.
    File {
        /// Which.
        what: String,
    },
    /// A run of before is taken up or given up.
    Run {
        /// Which.
        what: String,
    },
    /// It ends here, or rests: as things are now, it comes no further.
    Ends {
        /// Why.
        what: String,
    },
}

impl Does {
    /// The kind in a word, and the rest for people; a call's parameters are not in it.
    pub fn in_words(&self) -> (&'static str, String) {
        match self {
            Self::Call { method, path, .. } => (method, path.clone()),
            Self::Ledger { what } => ("ledger", what.clone()),
            Self::Helper { what } => ("helper", what.clone()),
            Self::Ssh { what } => ("ssh", what.clone()),
            Self::File { what } => ("file", what.clone()),
            Self::Run { what } => ("run", what.clone()),
            Self::Ends { what } => ("ends", what.clone()),
        }
    }

    /// Its texts, changed.
    pub(super) fn map(self, change: impl Fn(&str) -> String) -> Self {
        match self {
            // A call's are changed one by one: its parameters have names.
            Self::Call { .. } => self,
            Self::Ledger { what } => Self::Ledger { what: change(&what) },
            Self::Helper { what } => Self::Helper { what: change(&what) },
            Self::Ssh { what } => Self::Ssh { what: change(&what) },
            Self::File { what } => Self::File { what: change(&what) },
            Self::Run { what } => Self::Run { what: change(&what) },
            Self::Ends { what } => Self::Ends { what: change(&what) },
        }
    }
}
