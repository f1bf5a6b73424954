//! A recovered guest goes onto the wire only while its original does not run.

use pve_client::wire::GuestState;
use saga::{Recorder, Step, StepError};
use serde_json::Value;
use spec::ids::Vmid;

use super::examine::Examined;
use super::proof::ProvenReset;
use super::regain::{Regained, archived_macs};
use super::start::Start;
use crate::context::Context;
use crate::inventory::twin::{Twin, running_twin};
use crate::ledger::Before;
use crate::node::{Found, called, look, patiently};

/// Starts a recovered guest.
pub struct Relink;

impl Step<Context> for Relink {
    fn name(&self) -> &'static str {
        "start"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let proven: ProvenReset = rec.output("reset")?;
        let status = patiently(|| ctx.pve.status(proven.vmid())).await.map_err(|error| called(&error))?;
        if status.status == GuestState::Stopped
            && let Some(original) =
                original(ctx, &rec.output("reserve")?, &rec.output("resolve")?, proven.vmid()).await?
        {
            return Err(refuse(&original, proven.vmid(), rec.run_id()));
        }
        Start.run(ctx, rec).await
    }

    async fn undo(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        Start.undo(ctx, rec).await
    }
}

/// The original, where it runs: the guest of the row that was taken over, or one with an address of the backup.
///
/// # Errors
/// The node cannot tell.
pub(crate) async fn original(
    ctx: &Context,
    regained: &Regained,
    examined: &Examined,
    recovered: Vmid,
) -> Result<Option<Twin>, StepError> {
    if let Some(twin) = came_back(ctx, regained.before.as_ref(), recovered).await? {
        return Ok(Some(twin));
    }
    let macs = archived_macs(examined)?.into_values().flatten().chain(regained.names.macs.values().copied()).collect();
    running_twin(&ctx.pve, recovered, &macs).await.map_err(|error| called(&error))
}

/// The ledger's guest was gone when its row was taken over; its node may be back since.
async fn came_back(ctx: &Context, before: Option<&Before>, recovered: Vmid) -> Result<Option<Twin>, StepError> {
    let Some(Before(before)) = before.filter(|before| before.0.vmid != recovered) else { return Ok(None) };
    let ctx = ctx.at(&before.node);
    let Found::Ours(_) = look(&ctx.pve, before.vmid, &before.run).await.map_err(|error| called(&error))? else {
        return Ok(None);
    };
    let status = patiently(|| ctx.pve.status(before.vmid)).await.map_err(|error| called(&error))?.status;
    let runs = status == GuestState::Running;
    Ok(runs.then(|| Twin { vmid: before.vmid, node: ctx.pve.node_of(before.vmid).to_string() }))
}

/// Why it is not started now.
pub(crate) fn refuse(original: &Twin, recovered: Vmid, run: &str) -> StepError {
    let Twin { vmid, node } = original;
    StepError::park(
        format!(
            "the original runs: guest {vmid} on node {node} answers in the name that guest {recovered} is recovered under; \
             two of them on the wire would harm both"
        ),
        format!("on node {node}: pct stop {vmid} && pct set {vmid} --onboot 0; then: reset-agent resume {run}"),
    )
}
