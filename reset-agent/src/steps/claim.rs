//! A guest of the pool becomes a customer's: in the ledger first, in one transaction; then on the node.

use std::collections::BTreeSet;

use pve_client::wire::GuestConfig;
use pve_client::{Class, ConfigChange, Meaning};
use saga::{Recorder, Step, StepError, output};
use serde_json::Value;
use spec::ids::{RunId, Vmid, Volid};

use super::pins::forget;
use super::reserve::{Names, run_id};
use super::resolve::Golden;
use super::restore::Restored;
use super::source::Source;
use crate::context::Context;
use crate::evidence::Column;
use crate::golden::admitting::ensure_not_withdrawn;
use crate::ledger::{Claim, Claimed, LedgerError, Pooled};
use crate::mark;
use crate::node::leftovers::volumes_of;
use crate::node::removal::{remove, stop};
use crate::node::{Found, called, leftovers, look, patiently};
use crate::request::ProvisionRequest;

/// Takes a guest of the pool for the customer. Gives the later steps what `reserve` does.
pub struct Take;

/// Tells what the guest was made from. Gives the later steps what `resolve` does.
pub struct Recall;

/// Makes the guest this run's: its mark, stopped. Gives the later steps what `restore` does.
pub struct Adopt;

/// Another writer may come in between this often before it is called a fight.
const TRIES: u32 = 3;

impl Step<Context> for Take {
    fn name(&self) -> &'static str {
        "reserve"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let request: ProvisionRequest = rec.input()?;
        let golden = request.golden.to_string();
        let ask =
            Claim { customer: request.customer, golden: golden.clone(), hostname: request.hostname, run: run_id(rec)? };
        match ctx.ledger.claim(&ask).await.map_err(|error| failed(&error))? {
            Claimed::Guest(pooled, macs) => {
                *ctx = ctx.at(&pooled.guest.node);
                let release = release(&pooled)?;
                output(&Names {
                    guest: pooled.guest.id,
                    vmid: pooled.guest.vmid,
                    hostname: pooled.guest.hostname,
                    macs: release.nics.keys().cloned().zip(macs).collect(),
                })
            }
            Claimed::HasOne(guest) => Err(StepError::failed(format!(
                "customer {} has guest {} ({}) from run {} already",
                guest.customer, guest.vmid, guest.state, guest.run
            ))),
            Claimed::Empty => Err(StepError::failed(format!(
                "no guest of golden {golden} waits: fill the pool with `reset-agent pool fill --golden {golden}`, or \
                 provision one"
            ))),
        }
    }

    /// Nobody gets it: who had it for an instant is not forgotten. Where `restore` was never begun it is still on the
    /// node, and must not stay there when the ledger calls it destroyed.
    async fn undo(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        clear(ctx, rec).await?;
        ctx.ledger.spoil(&run_id(rec)?).await.map_err(|error| failed(&error))
    }
}

impl Step<Context> for Recall {
    fn name(&self) -> &'static str {
        "resolve"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let golden = release(&claimed(ctx, &run_id(rec)?).await?)?;
        if let Some(release) = &golden.release {
            let asked = ensure_not_withdrawn(ctx, &golden.title, release).await;
            asked.map_err(|error| StepError::from_error(&error))?;
        }
        output(&golden)
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // It only looked.
        Ok(())
    }
}

impl Step<Context> for Adopt {
    fn name(&self) -> &'static str {
        "restore"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let golden: Golden = rec.output("resolve")?;
        let request: ProvisionRequest = rec.input()?;
        let run = run_id(rec)?;
        let pooled = claimed(ctx, &run).await?;
        let vmid = pooled.guest.vmid;
        let description = mark::description(&request.customer, &golden.title, &run);
        let config = marked(ctx, &pooled, &run, &description).await?;
        stop(&ctx.pve, vmid, &run, ctx.settings.patience.task).await?;
        forget(ctx, pooled.made_by.as_str()).await?;
        let tree = match ctx.helper_of(vmid) {
            Some(helper) => helper.observe(vmid).await.map_err(|error| StepError::from_error(&error))?.observations,
            None => Vec::new(),
        };
        output(&Restored { vmid, source: Source::Pool, column: Column::of(Some(&config), &[], &tree) })
    }

    async fn undo(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        clear(ctx, rec).await
    }
}

/// The note of the volumes that an undo is about to remove.
const VOLUMES: &str = "volumes";

/// Removes the claimed guest, whichever run's mark it bears, and proves that it is gone.
async fn clear(ctx: &Context, rec: &mut Recorder<'_>) -> Result<(), StepError> {
    let run = run_id(rec)?;
    let Some(pooled) = ctx.ledger.claimed_by(&run).await.map_err(|error| failed(&error))? else { return Ok(()) };
    let vmid = pooled.guest.vmid;
    for mark in [&run, &pooled.made_by] {
        if let Found::Ours(config) = look(&ctx.pve, vmid, mark).await.map_err(|error| called(&error))? {
            rec.note(VOLUMES, &volumes_of(&config)).await?;
            remove(&ctx.pve, vmid, mark, ctx.settings.patience.task).await?;
        }
    }
    if look(&ctx.pve, vmid, &run).await.map_err(|error| called(&error))? != Found::Absent {
        return Ok(());
    }
    let own: BTreeSet<Volid> = rec.last_note(VOLUMES)?.unwrap_or_default();
    leftovers(&ctx.pve, vmid, &own, &ctx.settings.guests.storage).await.refuse(vmid)
}

fn failed(error: &LedgerError) -> StepError {
    StepError::from_error(error)
}

async fn claimed(ctx: &Context, run: &RunId) -> Result<Pooled, StepError> {
    let pooled = ctx.ledger.claimed_by(run).await.map_err(|error| failed(&error))?;
    pooled.ok_or_else(|| StepError::failed("the ledger lost this run's claim"))
}

fn release(pooled: &Pooled) -> Result<Golden, StepError> {
    serde_json::from_value(pooled.release.clone()).map_err(|error| StepError::from_error(&error))
}

/// Writes this run's mark over the one of the run that made the guest.
async fn marked(ctx: &Context, pooled: &Pooled, run: &RunId, description: &str) -> Result<GuestConfig, StepError> {
    let vmid = pooled.guest.vmid;
    for _ in 0..TRIES {
        if let Found::Ours(config) = look(&ctx.pve, vmid, run).await.map_err(|error| called(&error))? {
            return Ok(config);
        }
        let config = match look(&ctx.pve, vmid, &pooled.made_by).await.map_err(|error| called(&error))? {
            Found::Ours(config) => config,
            Found::Absent | Found::InCreation | Found::Foreign => return Err(not_there(vmid)),
        };
        let change = ConfigChange::of(&config).description(description);
        match patiently(|| ctx.pve.change_config(vmid, change.clone())).await {
            Ok(()) => {}
            Err(error) if error.refusal().is_some_and(|r| r.meaning() == Meaning::ModifiedConfiguration) => {}
            Err(error) if error.class() == Class::Ambiguous => {}
            Err(error) => return Err(called(&error)),
        }
    }
    Err(StepError::failed(format!("somebody else keeps changing the configuration of guest {vmid}")))
}

fn not_there(vmid: Vmid) -> StepError {
    StepError::failed(format!("guest {vmid} of the pool is gone, or another's: it is taken out of the pool"))
}
