//! The ledger is told last: while anything of the guest may be left, it stands there.

use saga::{Recorder, Step, StepError, output};
use serde_json::Value;

use super::record::Recorded;
use crate::context::Context;
use crate::request::DestroyRequest;

/// Marks the guest as destroyed and retires its identities.
pub struct Strike;

impl Step<Context> for Strike {
    fn name(&self) -> &'static str {
        "record"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let asked: DestroyRequest = rec.input()?;
        let guest = ctx.ledger.strike(asked.guest, &asked.made_by).await;
        let guest = guest.map_err(|error| StepError::from_error(&error))?;
        if guest.run != asked.made_by {
            let (vmid, run) = (guest.vmid, &guest.run);
            tracing::warn!(%vmid, %run, "the destroyed guest's row is a recovery's by now, and stays as it is");
        }
        output(&Recorded { guest })
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // It is destroyed: that stays true.
        Ok(())
    }
}
