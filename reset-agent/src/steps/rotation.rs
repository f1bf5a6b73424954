//! What a person should change after a recovery, told at its end.

use saga::{Recorder, Step, StepError, output};
use serde_json::Value;

use super::examine::Examined;
use super::regain::{Regained, archived_macs};
use super::verify::Verified;
use crate::context::Context;
use crate::request::Wanted;
use crate::rotation::{Recovered, checklist};

/// Writes the checklist.
pub struct Rotation;

impl Step<Context> for Rotation {
    fn name(&self) -> &'static str {
        "rotation"
    }

    async fn run(&self, _ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let examined: Examined = rec.output("resolve")?;
        let regained: Regained = rec.output("reserve")?;
        let verified: Verified = rec.output("verify")?;
        let request: Wanted = rec.input()?;
        let left_out = request.volumes.iter().filter(|volume| !volume.backup);
        let archived = archived_macs(&examined)?;
        output(&checklist(&Recovered {
            archive: &examined.source.archive,
            original: regained.before.as_ref().map(|before| &before.0),
            hostname: &regained.names.hostname,
            macs: regained.names.macs.iter().map(|(key, mac)| (*mac, archived.get(key).copied().flatten())).collect(),
            switched_off: &examined.switched_off,
            left_out: left_out.map(|volume| volume.path.to_string()).collect(),
            findings: &verified.findings,
        }))
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // It only told.
        Ok(())
    }
}
