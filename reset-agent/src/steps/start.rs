//! Link up and start. The only way here leads through the reset's proof.

use pve_client::Meaning;
use pve_client::wire::GuestState;
use saga::{Recorder, Step, StepError, output};
use serde_json::{Value, json};

use super::reserve::{Names, run_id};
use super::reset::{ProvenReset, write};
use crate::context::Context;
use crate::node::removal::stop;
use crate::node::task::follow;
use crate::node::{Found, called, look, patiently};

/// Starts the guest.
pub struct Start;

impl Step<Context> for Start {
    fn name(&self) -> &'static str {
        "start"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let proven: ProvenReset = rec.output("reset")?;
        let names: Names = rec.output("reserve")?;
        let vmid = proven.vmid();
        if patiently(|| ctx.pve.status(vmid)).await.map_err(|error| called(&error))?.status == GuestState::Stopped {
            still_proven(ctx, &proven).await?;
            write(ctx, vmid, &names, false).await?;
            still_proven(ctx, &proven).await?;
            match patiently(|| ctx.pve.start(vmid)).await {
                Ok(upid) => {
                    rec.note("task", &upid).await?;
                    follow(&ctx.pve, &upid, ctx.settings.task_deadline).await?;
                }
                Err(error) if error.refusal().is_some_and(|r| r.meaning() == Meaning::AlreadyRunning) => {}
                Err(error) => return Err(called(&error)),
            }
        }
        still_proven(ctx, &proven).await?;
        match patiently(|| ctx.pve.status(vmid)).await.map_err(|error| called(&error))?.status {
            GuestState::Running => output(&json!({})),
            _ => Err(StepError::failed(format!("guest {vmid} was started and does not run"))),
        }
    }

    async fn undo(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        let proven: ProvenReset = rec.output("reset")?;
        match look(&ctx.pve, proven.vmid(), &run_id(rec)?).await.map_err(|error| called(&error))? {
            Found::Ours(_) => stop(&ctx.pve, proven.vmid(), ctx.settings.task_deadline).await,
            Found::Absent | Found::InCreation | Found::Foreign => Ok(()),
        }
    }
}

/// Somebody may have written between the proof and now.
async fn still_proven(ctx: &Context, proven: &ProvenReset) -> Result<(), StepError> {
    let config = patiently(|| ctx.pve.config(proven.vmid())).await.map_err(|error| called(&error))?;
    if proven.holds(&config) {
        return Ok(());
    }
    Err(StepError::failed(format!("the identity of guest {} was changed after its reset was proven", proven.vmid())))
}
