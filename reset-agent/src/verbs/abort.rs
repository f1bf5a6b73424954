//! An unfinished run given up: what it made is destroyed, and nothing else.

use crate::agent::Agent;
use crate::outcome::Outcome;
use crate::stop::Stop;

/// Undoes everything that a run has started. Its guest goes with it; a guest that does not bear the run's mark is not
/// touched.
///
/// # Errors
/// Somebody works on the run, or it has ended: a guest that was handed over goes with `destroy`.
pub async fn abort(agent: &Agent, run: &str, reason: &str) -> Result<Outcome, Stop> {
    let finished = agent.abandon(run, reason).await.map_err(Stop::failed)?;
    Ok(Outcome::of(&finished.log, false))
}
