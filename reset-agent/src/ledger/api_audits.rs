//! Audits that the API was asked for, and what they found.

use serde::Serialize;

use super::error::{LedgerError, storage};
use super::lookup::Ledger;
use crate::store::now;

/// An audit; without an end it is under way, or its agent died.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct AuditRow {
    /// Its id.
    pub id: String,
    /// When it began, RFC 3339.
    pub began_at: String,
    /// When it ended, RFC 3339.
    pub ended_at: Option<String>,
    /// The word of its exit code.
    pub exit: Option<String>,
    /// The report as JSON; none where it could not be made.
    pub report: Option<String>,
}

impl Ledger {
    /// Writes down that an audit begins.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn begin_audit(&self, id: &str) -> Result<(), LedgerError> {
        sqlx::query("INSERT INTO api_audits (id, began_at) VALUES ($1, $2)")
            .bind(id.to_owned())
            .bind(now())
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(storage("begin an audit"))
    }

    /// Writes down what an audit found.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn end_audit(&self, id: &str, exit: &str, report: Option<String>) -> Result<(), LedgerError> {
        sqlx::query("UPDATE api_audits SET ended_at = $1, exit = $2, report = $3 WHERE id = $4")
            .bind(now())
            .bind(exit.to_owned())
            .bind(report)
            .bind(id.to_owned())
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(storage("end an audit"))
    }

    /// One audit.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn audit(&self, id: &str) -> Result<Option<AuditRow>, LedgerError> {
        sqlx::query_as("SELECT * FROM api_audits WHERE id = $1")
            .bind(id.to_owned())
            .fetch_optional(&self.pool)
            .await
            .map_err(storage("look for an audit"))
    }

    /// The audit that ended last.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn last_audit(&self) -> Result<Option<AuditRow>, LedgerError> {
        sqlx::query_as("SELECT * FROM api_audits WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT 1")
            .fetch_optional(&self.pool)
            .await
            .map_err(storage("look for the last audit"))
    }
}
