//! Link up and start. The only way here leads through the reset's proof.

use pve_client::wire::GuestState;
use pve_client::{Class, Next};
use saga::{Recorder, Step, StepError, output};
use serde_json::Value;
use spec::ids::{RunId, Vmid};

use super::attest::{Started, ask};
use super::proof::ProvenReset;
use super::reserve::{Names, run_id};
use super::reset::write;
use super::resolve::Golden;
use super::seed::sow;
use crate::context::Context;
use crate::golden::admitting::ensure_not_withdrawn;
use crate::node::removal::stop;
use crate::node::task::{follow_unless_busy, settle};
use crate::node::{Found, called, look, must_be_ours, patiently};

/// Starts the guest.
pub struct Start;

impl Step<Context> for Start {
    fn name(&self) -> &'static str {
        "start"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let proven: ProvenReset = rec.output("reset")?;
        let names: Names = rec.output("reserve")?;
        let (vmid, run) = (proven.vmid(), run_id(rec)?);
        if patiently(|| ctx.pve.status(vmid)).await.map_err(|error| called(&error))?.status == GuestState::Stopped {
            still_proven(ctx, &run, &proven).await?;
            still_offered(ctx, rec).await?;
            ask(ctx, rec, &proven, &run).await?;
            sow(ctx, rec, &proven, &run).await?;
            write(ctx, &run, vmid, &names, false).await?;
            still_proven(ctx, &run, &proven).await?;
            power_on(ctx, rec, vmid).await?;
        }
        still_proven(ctx, &run, &proven).await?;
        match patiently(|| ctx.pve.status(vmid)).await.map_err(|error| called(&error))?.status {
            GuestState::Running => output(&Started::noted(rec)?),
            _ => Err(StepError::failed(format!("guest {vmid} was started and does not run"))),
        }
    }

    async fn undo(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        let proven: ProvenReset = rec.output("reset")?;
        match look(&ctx.pve, proven.vmid(), &run_id(rec)?).await.map_err(|error| called(&error))? {
            Found::Ours(_) => stop(&ctx.pve, proven.vmid(), &run_id(rec)?, ctx.settings.patience.task).await,
            Found::Absent | Found::InCreation | Found::Foreign => Ok(()),
        }
    }
}

/// A start whose answer was lost, or that found the guest's lock taken for 10 s, is asked for at most this often.
const TRIES: u32 = 3;

async fn power_on(ctx: &Context, rec: &mut Recorder<'_>, vmid: Vmid) -> Result<(), StepError> {
    let deadline = ctx.settings.patience.task;
    for _ in 0..TRIES {
        match patiently(|| ctx.pve.start(vmid)).await {
            Ok(upid) => {
                rec.note("task", &upid).await?;
                let node = ctx.pve.node_of(vmid);
                match follow_unless_busy(&ctx.pve, &upid, deadline).await {
                    Ok(true) => return Ok(()),
                    Ok(false) => {}
                    // A node starts the task also for a guest that it does not have any more.
                    Err(failed) => {
                        must_be_ours(&ctx.pve, vmid, &run_id(rec)?).await?;
                        if ctx.pve.node_of(vmid) == node {
                            return Err(failed);
                        }
                    }
                }
            }
            Err(error) if error.next() == Next::Done => return Ok(()),
            Err(error) if error.class() == Class::Ambiguous => {
                settle(&ctx.pve, vmid, "vzstart", &run_id(rec)?, deadline).await?;
            }
            Err(error) => return Err(called(&error)),
        }
    }
    // The caller looks whether it runs.
    Ok(())
}

/// The golden may have been revoked since it was resolved.
async fn still_offered(ctx: &Context, rec: &Recorder<'_>) -> Result<(), StepError> {
    let golden: Golden = rec.output("resolve")?;
    let Some(release) = golden.release else { return Ok(()) };
    ensure_not_withdrawn(ctx, &golden.title, &release).await.map_err(|error| StepError::from_error(&error))
}

/// Somebody may have written between the proof and now.
async fn still_proven(ctx: &Context, run: &RunId, proven: &ProvenReset) -> Result<(), StepError> {
    let config = must_be_ours(&ctx.pve, proven.vmid(), run).await?;
    if proven.holds(&config) {
        return Ok(());
    }
    Err(StepError::failed(format!("the identity of guest {} was changed after its reset was proven", proven.vmid())))
}
