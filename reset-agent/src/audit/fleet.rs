//! The whole audit: goldens, guests, report.

use jiff::Timestamp;
use pve_client::CallError;
use spec::report::AuditReport;

use super::{collect, goldens, report};
use crate::context::Context;
use crate::ledger::LedgerError;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The ledger does not tell of the goldens.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The node does not tell of its guests.
    #[error(transparent)]
    Node(#[from] CallError),
}

/// Audits the fleet.
///
/// # Errors
/// [`AuditError`]. What of a single guest cannot be looked at is part of the report.
pub async fn of_fleet(context: &Context) -> Result<AuditReport, AuditError> {
    let goldens = goldens::known(&context.ledger, &context.settings.manifests).await?;
    let guests = collect(&context.pve, context.helper.as_ref()).await?;
    Ok(report(&guests, &goldens, Timestamp::now()))
}
