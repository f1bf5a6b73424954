//! A guest that an undone run left behind goes. It is looked at once more right before: what somebody has begun to use
//! meanwhile stays.

use std::collections::BTreeSet;

use saga::{Recorder, Step, StepError, output};
use serde_json::Value;
use spec::ids::Volid;

use crate::context::Context;
use crate::node::leftovers::volumes_of;
use crate::node::removal::{must_be_nowhere, remove_stopped};
use crate::node::{Found, called, leftovers, look};
use crate::orphans::{Answer, Standing, facts, judge};
use crate::request::OrphanRequest;

/// Removes the orphan.
pub struct Sweep;

/// The note of the volumes that are about to go.
const VOLUMES: &str = "volumes";

impl Step<Context> for Sweep {
    fn name(&self) -> &'static str {
        "remove"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let asked: OrphanRequest = rec.input()?;
        let (pve, vmid, run) = (&ctx.pve, asked.vmid, &asked.made_by);
        match look(pve, vmid, run).await.map_err(|error| called(&error))? {
            // An earlier attempt's destroy is at work.
            Found::Ours(config) if config.get("lock") == Some("destroyed") => {}
            Found::Ours(config) => {
                // That its run is undone was found before this one was begun, and stays so.
                let facts = facts(ctx, vmid, run, &config).await?;
                if let Standing::Orphan { hindrances } = judge(&facts, Answer::Undone)
                    && !hindrances.is_empty()
                {
                    return Err(StepError::failed(format!("guest {vmid} is left alone: {}", hindrances.join("; "))));
                }
                rec.note(VOLUMES, &volumes_of(&config)).await?;
            }
            Found::Absent | Found::InCreation | Found::Foreign => {}
        }
        remove_stopped(pve, vmid, run, ctx.settings.patience.task).await?;
        if look(pve, vmid, run).await.map_err(|error| called(&error))? != Found::Absent {
            return output(&"the number is another guest's now: volumes were not looked for");
        }
        must_be_nowhere(pve, vmid).await?;
        let own: BTreeSet<Volid> = rec.last_note(VOLUMES)?.unwrap_or_default();
        let left = leftovers(pve, vmid, &own, &ctx.settings.guests.storage).await;
        left.refuse(vmid)?;
        output(&left)
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // What was destroyed does not come back, and nobody misses it.
        Ok(())
    }
}
