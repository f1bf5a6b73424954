//! A node is burdened only as much as the budgets allow: restores, clones and destructions wait for their turn.

use std::time::Duration;

use saga::StepError;
use spec::ids::{StorageId, Vmid};

use super::patience::jittered;
use crate::context::Context;
use crate::ledger::{Burden, LedgerError, Turn};

/// How often a run that waits looks whether it may go.
const PAUSE: Duration = Duration::from_millis(500);

/// Does the work once it is the run's turn; whatever came of it, the next one may go then. Without budgets nobody waits.
///
/// # Errors
/// The work's; and the ledger's, which keeps the queue.
pub async fn in_turn<T>(
    ctx: &Context,
    vmid: Vmid,
    storage: &StorageId,
    work: impl Future<Output = Result<T, StepError>>,
) -> Result<T, StepError> {
    if !ctx.settings.budgets.is_limited() {
        return work.await;
    }
    let failed = |error: LedgerError| StepError::from_error(&error);
    wait(ctx, &Burden { node: ctx.pve.node_of(vmid), storage: storage.clone() }).await.map_err(failed)?;
    let done = work.await;
    // A place that is left behind is cleared away once the run is no longer held.
    if let Err(error) = ctx.ledger.end_turn().await {
        tracing::warn!(%error, "the turn was not given back");
    }
    done
}

async fn wait(ctx: &Context, burden: &Burden) -> Result<(), LedgerError> {
    let mut told = false;
    while let Turn::After(others) = ctx.ledger.turn(burden, ctx.settings.budgets).await? {
        if !told {
            tracing::info!(node = %burden.node, storage = %burden.storage, others, "waiting for a turn");
            told = true;
        }
        tokio::time::sleep(jittered(PAUSE)).await;
    }
    Ok(())
}
