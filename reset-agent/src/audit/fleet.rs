//! The whole audit: goldens, guests, report.

use jiff::Timestamp;
use pve_client::CallError;
use spec::ids::NodeName;
use spec::report::{AuditFinding, AuditReport, Class};

use super::{collect, goldens, report};
use crate::context::Context;
use crate::ledger::LedgerError;
use crate::node::failure::chain;

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
/// [`AuditError`]. What of a single guest cannot be looked at is part of the report, and a node that does not answer
/// where others do.
pub async fn of_fleet(context: &Context) -> Result<AuditReport, AuditError> {
    let goldens = goldens::known(&context.ledger, &context.settings.manifests).await?;
    let (mut guests, mut blind, mut last) = (Vec::new(), Vec::new(), None);
    for there in context.everywhere() {
        match collect(&there.pve, there.helper.as_ref()).await {
            Ok(found) => guests.extend(found),
            Err(error) => {
                blind.push(unseen(there.pve.node(), &error));
                last = Some(error);
            }
        }
    }
    if let Some(error) = last.filter(|_| blind.len() == context.settings.members.len()) {
        return Err(error.into());
    }
    let mut report = report(&guests, &goldens, Timestamp::now());
    for finding in blind {
        report.add(finding);
    }
    Ok(report)
}

/// A node that is down has guests all the same.
fn unseen(node: &NodeName, error: &CallError) -> AuditFinding {
    let why = format!("{}: what its guests share would not be noticed", chain(error));
    AuditFinding::new(Class::Unverified, "node", node.as_str(), why)
}
