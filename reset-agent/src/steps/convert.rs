//! A reset guest that was never started becomes a template, and the ledger's warm golden of its release.

use std::time::{Duration, Instant};

use pve_client::wire::GuestConfig;
use pve_client::{Class, Meaning};
use saga::{Recorder, Step, StepError, output};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::ids::Vmid;

use super::proof::ProvenReset;
use super::reserve::{Names, run_id};
use super::resize::rootfs_size;
use super::resolve::Golden;
use crate::context::Context;
use crate::golden::warm::fingerprint;
use crate::ledger::{WarmGolden, WarmState};
use crate::node::task::{follow, own_tasks, runs, settle};
use crate::node::{called, must_be_ours, patiently};

/// Makes the template.
pub struct Convert;

/// The template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Converted {
    /// As the ledger has it.
    pub warm: WarmGolden,
}

impl Step<Context> for Convert {
    fn name(&self) -> &'static str {
        "convert"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let golden: Golden = rec.output("resolve")?;
        let names: Names = rec.output("reserve")?;
        let proven: ProvenReset = rec.output("reset")?;
        let release = golden.release.ok_or_else(|| StepError::failed("the golden has no release to be known by"))?;
        let config = template(ctx, rec, &proven).await?;
        let warm = WarmGolden {
            guest: names.guest,
            vmid: proven.vmid(),
            run: run_id(rec)?,
            manifest: release.manifest,
            golden: release.golden,
            title: golden.title,
            node: ctx.pve.node_of(proven.vmid()),
            storage: ctx.settings.guests.storage.clone(),
            size: rootfs_size(&config)?,
            fingerprint: fingerprint(&config),
            state: WarmState::Ready,
        };
        ctx.ledger.enter_warm(&warm).await.map_err(|error| StepError::from_error(&error))?;
        output(&Converted { warm })
    }

    async fn undo(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // The guest goes with the restore; nobody may clone from it until then.
        let names: Names = rec.output("reserve")?;
        settle(&ctx.pve, names.vmid, "vztemplate", &run_id(rec)?, ctx.settings.patience.task).await?;
        ctx.ledger.mark_warm(names.guest, WarmState::Removed).await.map_err(|error| StepError::from_error(&error))
    }
}

/// The configuration of the template, once it is one. The call names no task, and its task may not be listed yet when
/// it returns: the configuration tells.
async fn template(ctx: &Context, rec: &mut Recorder<'_>, proven: &ProvenReset) -> Result<GuestConfig, StepError> {
    let (vmid, run, deadline) = (proven.vmid(), run_id(rec)?, ctx.settings.patience.task);
    let mut asked = false;
    let began = Instant::now();
    while began.elapsed() < deadline {
        let config = must_be_ours(&ctx.pve, vmid, &run).await?;
        if !proven.holds(&config) {
            return Err(StepError::failed(format!("guest {vmid} was changed after its reset was proven")));
        }
        if config.flag("template") && config.get("lock").is_none() {
            return Ok(config);
        }
        settle(&ctx.pve, vmid, "vztemplate", &run, deadline).await?;
        if !asked {
            match patiently(|| ctx.pve.template(vmid)).await {
                Ok(Some(upid)) => follow(&ctx.pve, &upid, deadline).await?,
                Ok(None) => {}
                Err(error) if error.refusal().is_some_and(|r| r.meaning() == Meaning::IsTemplate) => {}
                Err(error) if error.class() == Class::Ambiguous => continue,
                Err(error) => return Err(called(&error)),
            }
            asked = true;
        } else if let Some(why) = failure(ctx, rec, vmid).await? {
            return Err(StepError::failed(format!("guest {vmid} did not become a template: {why}")));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Err(StepError::failed(format!("guest {vmid} did not become a template in {} s", deadline.as_secs())))
}

/// How the run's newest conversion failed, if it did.
async fn failure(ctx: &Context, rec: &Recorder<'_>, vmid: Vmid) -> Result<Option<String>, StepError> {
    let tasks = own_tasks(&ctx.pve, vmid, "vztemplate", &run_id(rec)?).await?;
    let ended = tasks.into_iter().next().filter(|row| !runs(row));
    Ok(ended.and_then(|row| row.status).filter(|status| status != "OK"))
}
