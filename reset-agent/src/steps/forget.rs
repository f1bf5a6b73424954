//! A destroyed guest's host keys are forgotten: its address will be another's.

use saga::{Recorder, Step, StepError};
use serde_json::Value;

use super::pins::forget;
use crate::context::Context;
use crate::request::DestroyRequest;

/// Takes the guest's lines out of known_hosts.
pub struct Forget;

impl Step<Context> for Forget {
    fn name(&self) -> &'static str {
        "forget"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let asked: DestroyRequest = rec.input()?;
        forget(ctx, asked.made_by.as_str()).await.map(|()| Value::Null)
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // The guest is gone: nobody may answer in its name.
        Ok(())
    }
}
