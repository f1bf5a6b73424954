//! All identities and `active`, in one ledger transaction; a guest that could not be verified stays `provisioned`.

use saga::{Recorder, Step, StepError, output};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::identity::{Identity, Verdict};

use super::await_guest::Reached;
use super::present::Present;
use super::proof::ProvenReset;
use super::reserve::Names;
use super::verify::Verified;
use crate::context::Context;
use crate::ledger::{Guest, GuestState};

/// Enters the guest in the ledger.
pub struct Record;

/// The guest as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its row.
    pub guest: Guest,
}

impl Step<Context> for Record {
    fn name(&self) -> &'static str {
        "record"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let names: Names = rec.output("reserve")?;
        let verified: Verified = rec.output("verify")?;
        let guest = match verified.verdict {
            Verdict::Pass => {
                let identities = confirmed(ctx, rec, &verified).await?;
                ctx.ledger.record(names.guest, &identities).await
            }
            _ => ctx.ledger.guest(names.guest).await,
        };
        output(&Recorded { guest: guest.map_err(|error| StepError::from_error(&error))? })
    }

    async fn undo(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        let names: Names = rec.output("reserve")?;
        let failed = |error: crate::ledger::LedgerError| StepError::from_error(&error);
        let guest = ctx.ledger.guest(names.guest).await.map_err(failed)?;
        if guest.state == GuestState::Active {
            ctx.ledger.mark(names.guest, GuestState::Failed).await.map_err(failed)?;
        }
        Ok(())
    }
}

/// What the guest is known by, looked at once more: the journal does not hold all of it, and what was verified must
/// still be there. A service that started late may have added to it; the ledger refuses what is not the guest's own.
async fn confirmed(ctx: &Context, rec: &Recorder<'_>, verified: &Verified) -> Result<Vec<Identity>, StepError> {
    let proven: ProvenReset = rec.output("reset")?;
    let reached: Reached = rec.output("await")?;
    let identities = Present::look(ctx, &proven, &reached, rec.run_id()).await?.identities(&reached);
    if let Some(gone) = verified.identities.iter().find(|identity| !identities.contains(identity)) {
        let what = format!("{} {}", gone.kind.title(), gone.shown());
        return Err(StepError::failed(format!("guest {} lost its {what} after it was verified", proven.vmid())));
    }
    Ok(identities)
}
