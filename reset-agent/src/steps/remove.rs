//! A guest that was handed over goes, and is proven to be gone.

use std::collections::BTreeSet;

use saga::{Recorder, Step, StepError, output};
use serde_json::Value;
use spec::ids::Volid;

use crate::context::Context;
use crate::node::leftovers::{Leftovers, leftovers, volumes_of};
use crate::node::look::following;
use crate::node::removal::{must_be_nowhere, remove};
use crate::node::{Found, called, in_turn, look};
use crate::request::DestroyRequest;

/// Removes the guest.
pub struct Remove;

/// The note of the volumes that are about to go. Written before the guest goes: afterwards nothing tells of them.
const VOLUMES: &str = "volumes";

impl Step<Context> for Remove {
    fn name(&self) -> &'static str {
        "remove"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let asked: DestroyRequest = rec.input()?;
        let ctx = &ctx.at_guest_of(&asked.made_by).await.map_err(|error| StepError::from_error(&error))?;
        let (vmid, run) = (asked.vmid, &asked.made_by);
        let pve = &following(&ctx.pve, run);
        match look(pve, vmid, run).await.map_err(|error| called(&error))? {
            Found::Ours(config) => rec.note(VOLUMES, &volumes_of(&config)).await?,
            // After this run has removed its guest the number may be anybody's.
            Found::Foreign if rec.notes().is_empty() => return Err(not_ours(&asked)),
            Found::Absent | Found::InCreation | Found::Foreign => {}
        }
        let removal = remove(pve, vmid, run, ctx.settings.patience.task);
        in_turn(ctx, vmid, &ctx.settings.guests.storage, removal).await?;
        if look(pve, vmid, run).await.map_err(|error| called(&error))? != Found::Absent {
            let why = "the number is another guest's now: volumes were not looked for".to_owned();
            return output(&Leftovers::Unverified { why });
        }
        // A failed look is not an absent guest, and a guest that moved to another node is not gone.
        must_be_nowhere(pve, vmid).await?;
        let own: BTreeSet<Volid> = rec.last_note(VOLUMES)?.unwrap_or_default();
        let left = leftovers(pve, vmid, &own, &ctx.settings.guests.storage).await;
        left.refuse(vmid)?;
        if left != Leftovers::Gone {
            tracing::warn!(%vmid, ?left, "not proven that all volumes are gone");
        }
        output(&left)
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // What was destroyed does not come back; the ledger still has the guest.
        Ok(())
    }
}

/// The ledger's guest was replaced by a stranger's: nothing of that is ours to destroy.
pub(crate) fn not_ours(asked: &DestroyRequest) -> StepError {
    let DestroyRequest { vmid, made_by, customer, .. } = asked;
    StepError::park(
        format!(
            "guest {vmid} on the node does not bear the mark of run {made_by}: it is not the ledger's guest of customer {customer}"
        ),
        format!("look whose it is: pct config {vmid}; when it is gone from that number: reset-agent destroy {vmid}"),
    )
}
