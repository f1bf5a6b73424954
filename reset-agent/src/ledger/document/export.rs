//! The ledger's rows as of one instant.

use super::row::read_all;
use super::tables::TABLES;
use super::text::Document;
use crate::ledger::audit_log::{Head, Walk};
use crate::ledger::error::{LedgerError, storage};
use crate::ledger::lookup::Ledger;
use crate::store::snapshot;
use serde_json::Value;

impl Ledger {
    /// Everything that the ledger knows, but its fleet key.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn export(&self) -> Result<Document, LedgerError> {
        let failed = storage("export the ledger");
        let mut tx = snapshot(&self.pool).await.map_err(failed)?;
        let mut rows = Vec::new();
        let mut head = Walk::begin(None).head().clone();
        for table in TABLES {
            let all = read_all(&mut tx, table).await.map_err(failed)?;
            if let Some(last) = all.last().filter(|_| table.name == "audit_log") {
                let hash = last.get("hash").and_then(Value::as_str).unwrap_or_default().to_owned();
                head = Head { seq: last.get("seq").and_then(Value::as_i64).unwrap_or_default(), hash };
            }
            rows.extend(all.into_iter().map(|row| (table, row)));
        }
        Ok(Document { fleet_key: self.key.mark(), head, rows })
    }
}
