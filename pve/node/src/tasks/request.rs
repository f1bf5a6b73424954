//! What a worker is told.

use serde::{Deserialize, Serialize};

use crate::ops::Job;

/// A task to be: handed to the worker on its standard input, so that no secret stands in a command line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaskRequest {
    /// The work.
    pub job: Job,
    /// For whom: `root@pam`, or `prov@pve!agent`.
    pub auth_id: String,
    /// Whether faults set by tests apply.
    #[serde(default)]
    pub faults: bool,
}
