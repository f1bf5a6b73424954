//! What a restore writes down before it asks: afterwards, and after a crash, nothing else tells its own task from the one
//! that made an earlier guest of the same number a minute ago.

use std::collections::BTreeSet;

use pve_client::wire::TaskRow;
use saga::{Recorder, StepError};
use serde::{Deserialize, Serialize};
use spec::ids::{RunId, Vmid};

use crate::context::Context;
use crate::node::task::own_tasks;

const NOTE: &str = "asking";

/// A restore that was asked for, or was about to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Asking {
    /// For this number.
    pub(super) vmid: Vmid,
    /// The restores that were there before, by UPID.
    pub(super) earlier: BTreeSet<String>,
}

impl Asking {
    /// The last that this step wrote down, in this attempt or an earlier one.
    pub(super) fn noted(rec: &Recorder<'_>) -> Result<Option<Self>, StepError> {
        rec.last_note(NOTE)
    }

    /// Writes down that the next call asks for a guest of this number.
    pub(super) async fn note(
        ctx: &Context,
        rec: &mut Recorder<'_>,
        vmid: Vmid,
        run: &RunId,
    ) -> Result<Self, StepError> {
        let earlier = own_tasks(&ctx.pve, vmid, "vzrestore", run).await?.into_iter().map(|row| row.upid).collect();
        let asking = Self { vmid, earlier };
        rec.note(NOTE, &asking).await?;
        Ok(asking)
    }

    /// What came of it: the tasks since, newest first.
    pub(super) async fn tasks(&self, ctx: &Context, run: &RunId) -> Result<Vec<TaskRow>, StepError> {
        let rows = own_tasks(&ctx.pve, self.vmid, "vzrestore", run).await?;
        Ok(rows.into_iter().filter(|row| !self.earlier.contains(&row.upid)).collect())
    }
}
