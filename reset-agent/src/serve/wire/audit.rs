//! Audits of the fleet.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::VERSION;
use crate::ledger::AuditRow;

/// An audit of the fleet.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(in crate::serve) struct AuditView {
    /// Version of this form.
    pub version: u32,
    /// Its id: `GET /v1/audits/{audit}`.
    pub audit: String,
    /// When it began, RFC 3339.
    pub began_at: String,
    /// When it ended, RFC 3339; none while it is under way.
    pub ended_at: Option<String>,
    /// The word of its exit code: `done`, `failed`, `unverified` or `collisions`.
    pub exit: Option<String>,
    /// What it found, as `reset-agent audit --json` prints it.
    #[schema(value_type = Option<Object>)]
    pub report: Option<Value>,
}

impl AuditView {
    /// An audit as its caller sees it.
    pub(in crate::serve) fn of(row: AuditRow) -> Self {
        let report = row.report.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Self { version: VERSION, audit: row.id, began_at: row.began_at, ended_at: row.ended_at, exit: row.exit, report }
    }
}
