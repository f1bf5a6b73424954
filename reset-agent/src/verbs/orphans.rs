//! Guests that runs made after they were given up: told, and removed where nobody has touched them.

use saga::{JournalError, RunError};
use serde_json::{Value, json};

use super::settled;
use crate::agent::Agent;
use crate::orphans::{Attempt, Found, attempt};
use crate::outcome::Outcome;
use crate::sagas::ORPHAN;
use crate::stop::Stop;

/// All that is found on the node; those that may be removed come first.
///
/// # Errors
/// The node, the ledger or the journal cannot be asked.
pub async fn survey(agent: &Agent) -> Result<Vec<Found>, Stop> {
    let mut all = crate::orphans::survey(agent).await.map_err(Stop::failed)?;
    all.sort_by_key(|found| !found.standing.is_removable());
    Ok(all)
}

/// Removes one, by a run of its own: its node's lanes, its lease and its journal are those of every other run.
///
/// # Errors
/// The journal cannot be used; what the node refuses is in the outcome.
pub async fn remove(agent: &Agent, found: &Found) -> Result<Outcome, Stop> {
    let run = attempt(&agent.journal, found).await.map_err(Stop::failed)?;
    let finished = match &run {
        Attempt::New(run) => agent.start(ORPHAN, run, input(found)).await,
        Attempt::Begun(run) => agent.resume(run).await,
    };
    match finished {
        Ok(finished) => Ok(Outcome::of(&finished.log, false)),
        Err(RunError::Journal(JournalError::Held { run, .. } | JournalError::Exists { run })) => {
            settled(agent, &run).await
        }
        Err(error) => Err(Stop::failed(error)),
    }
}

/// What the run that removes it is asked: an [`OrphanRequest`](crate::request::OrphanRequest).
pub fn input(found: &Found) -> Value {
    json!({ "vmid": found.vmid, "made_by": found.run, "customer": found.customer })
}
