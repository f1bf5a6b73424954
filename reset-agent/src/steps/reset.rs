//! Every interface and the hostname written and read back, always, whatever the restore said.

use std::time::{Duration, Instant};

use pve_client::wire::{GuestConfig, GuestState};
use pve_client::{CallError, Class, ConfigChange, config_nets};
use saga::{Recorder, Step, StepError, output};
use serde_json::Value;
use spec::ids::{RunId, Vmid};

use super::proof::ProvenReset;
use super::reserve::{Names, run_id};
use super::resolve::Golden;
use super::restore::Restored;
use crate::context::Context;
use crate::evidence::Column;
use crate::inventory::Inventory;
use crate::node::{called, must_be_ours, patiently};

/// Writes identity into the configuration.
pub struct Reset;

/// Another writer may come in between this often before it is called a fight.
const TRIES: u32 = 3;
/// How long a stale read is believed to be one.
const SETTLE: Duration = Duration::from_secs(30);

impl Step<Context> for Reset {
    fn name(&self) -> &'static str {
        "reset"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let golden: Golden = rec.output("resolve")?;
        let names: Names = rec.output("reserve")?;
        let restored: Restored = rec.output("restore")?;
        must_be_down(ctx, restored.vmid).await?;
        write(ctx, &run_id(rec)?, restored.vmid, &names, true).await?;
        let others =
            patiently(|| Inventory::of_others(&ctx.pve, restored.vmid)).await.map_err(|error| called(&error))?.macs;
        let began = Instant::now();
        loop {
            let config = patiently(|| ctx.pve.config(restored.vmid)).await.map_err(|error| called(&error))?;
            match ProvenReset::prove(restored.vmid, &config, &names, &golden.forbidden, &others) {
                Ok(proven) => return output(&with_tree(ctx, proven).await?),
                Err(error) if began.elapsed() > SETTLE => return Err(StepError::from_error(&error)),
                Err(error) => tracing::debug!(%error, "reading back again"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // The guest goes as a whole, with the restore.
        Ok(())
    }
}

/// A guest that somebody started has drawn an identity already, and would bear its old hostname until it starts again
/// while its configuration shows the new one.
async fn must_be_down(ctx: &Context, vmid: Vmid) -> Result<(), StepError> {
    match patiently(|| ctx.pve.status(vmid)).await.map_err(|error| called(&error))?.status {
        GuestState::Stopped => Ok(()),
        _ => Err(StepError::failed(format!("guest {vmid} was started before its reset, and not by this run"))),
    }
}

/// The second moment of the evidence: the tree of the stopped guest, where a helper can look into it.
async fn with_tree(ctx: &Context, mut proven: ProvenReset) -> Result<ProvenReset, StepError> {
    if let Some(helper) = ctx.helper_of(proven.vmid()) {
        let tree = helper.observe(proven.vmid()).await.map_err(|error| StepError::from_error(&error))?;
        let seen = Column::of(None, &[], &tree.observations);
        proven.add(seen);
    }
    Ok(proven)
}

/// Writes every interface and the hostname under the digest of what was read, so that a foreign change in between is
/// noticed and not overwritten.
pub(super) async fn write(
    ctx: &Context,
    run: &RunId,
    vmid: Vmid,
    names: &Names,
    link_down: bool,
) -> Result<(), StepError> {
    for _ in 0..TRIES {
        let config = must_be_ours(&ctx.pve, vmid, run).await?;
        let change = change_of(&config, names, link_down)?;
        match patiently(|| ctx.pve.change_config(vmid, change.clone())).await {
            Ok(()) => return Ok(()),
            Err(error) if read_again(&error) => tracing::debug!(%error, "reading the configuration again"),
            Err(error) => return Err(called(&error)),
        }
    }
    Err(StepError::failed(format!("somebody else keeps changing the configuration of guest {vmid}")))
}

/// A digest that no longer fits, or an answer that was lost: either way the next read tells.
fn read_again(error: &CallError) -> bool {
    let modified = |r: &pve_client::Refusal| r.meaning() == pve_client::Meaning::ModifiedConfiguration;
    error.refusal().is_some_and(modified) || error.class() == Class::Ambiguous
}

/// Every interface and the hostname, as they are written.
///
/// # Errors
/// There is an interface that cannot be read, or that no address was issued for.
pub(crate) fn change_of(config: &GuestConfig, names: &Names, link_down: bool) -> Result<ConfigChange, StepError> {
    let nets = config_nets(config).map_err(|error| StepError::from_error(&error))?;
    let change = ConfigChange::of(config).hostname(&names.hostname);
    nets.into_iter().try_fold(change, |change, (key, mut net)| {
        let mac = names.macs.get(&key);
        net.set_hwaddr(*mac.ok_or_else(|| StepError::failed(format!("{key} came up: no address was issued for it")))?);
        net.set_link_down(link_down);
        change.net(&key, &net).map_err(|_| StepError::failed(format!("{key} has no MAC address")))
    })
}
