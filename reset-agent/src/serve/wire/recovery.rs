//! A recovery, as it is asked for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A lost guest is to come back. What is not said is the backup's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::serve) struct RecoveryRequest {
    /// The backup's volume id; operators only. The latest backup that bears the customer's mark, where none is named.
    #[schema(examples("backups:backup/vzdump-lxc-101-2026_11_20-02_00_00.tar.zst"))]
    pub archive: Option<String>,
    /// The caller vouches for the named backup, which bears no mark that the ledger knows; operators only.
    #[serde(default)]
    pub adopt: bool,
    /// Another hostname than the backup's.
    pub hostname: Option<String>,
    /// A larger root disk than the backup's.
    #[schema(examples("16G"))]
    pub size: Option<String>,
    /// What to do about addresses that are somebody else's by now: `refuse` (the default), or `reset`, which gives
    /// the guest fresh ones.
    pub on_collision: Option<String>,
    /// Commands that must succeed inside it.
    #[serde(default)]
    pub checks: Vec<String>,
}
