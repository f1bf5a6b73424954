//! A point where a person may look before the guest is handed over, where the request asked for one.

use saga::{Recorder, Step, StepError};
use serde_json::Value;

use super::await_guest::Reached;
use crate::context::Context;
use crate::request::Wanted;

/// Rests once, until a person resumes the run.
pub struct Hold;

/// The note that the run has come here.
const HELD: &str = "held";

impl Step<Context> for Hold {
    fn name(&self) -> &'static str {
        "hold"
    }

    async fn run(&self, _ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let request: Wanted = rec.input()?;
        if request.hold_after.is_none() || resumed(rec) {
            return Ok(Value::Null);
        }
        let reached: Reached = rec.output("await")?;
        rec.note(HELD, &reached.address).await?;
        let run = rec.run_id();
        Err(StepError::park(
            format!("the guest at {} is verified and held, as asked", reached.address),
            format!("reset-agent resume {run} (hand it over), or: reset-agent abort {run} (destroy it)"),
        ))
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // It only rested.
        Ok(())
    }
}

/// Whether a person sent the run on: that counts attempts anew, a crash between note and rest does not.
fn resumed(rec: &Recorder<'_>) -> bool {
    rec.attempt() == 1 && rec.notes().iter().any(|note| note.key == HELD)
}
