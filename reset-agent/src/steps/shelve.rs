//! A guest made for the pool waits there for its customer.

use saga::{Recorder, Step, StepError, output};
use serde_json::{Value, json};

use super::record::Recorded;
use super::reserve::run_id;
use crate::config::Keep;
use crate::context::Context;
use crate::ledger::GuestState;
use crate::node::removal::stop;
use crate::request::ProvisionRequest;

/// Enters the guest in the pool, and stops it where pool guests wait stopped.
pub struct Shelve;

impl Step<Context> for Shelve {
    fn name(&self) -> &'static str {
        "shelve"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let request: ProvisionRequest = rec.input()?;
        let release: Value = rec.output("resolve")?;
        let Recorded { guest } = rec.output("record")?;
        // One that could not be verified runs on for somebody to look at, and nobody gets it.
        if guest.state == GuestState::Active && ctx.settings.pool.keep == Keep::Stopped {
            stop(&ctx.pve, guest.vmid, &run_id(rec)?, ctx.settings.patience.task).await?;
        }
        // Last: whoever claims it from here on finds it as it is to wait.
        let entered = ctx.ledger.enter_pool(&guest, &request.golden.to_string(), &release).await;
        entered.map_err(|error| StepError::from_error(&error))?;
        output(&json!({ "ready": guest.state == GuestState::Active }))
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // The last step: where it succeeded there is nothing to undo, and where it failed the guest is not in the pool.
        Ok(())
    }
}
