//! A run that another process works on, waited for.

use std::time::{Duration, Instant};

use crate::agent::Agent;
use crate::outcome::{End, Outcome};
use crate::stop::Stop;

const PAUSE: Duration = Duration::from_millis(500);

/// What came of a run that was begun elsewhere; waits while somebody works on it, as long as a run may take.
///
/// # Errors
/// The journal cannot be read.
pub async fn settled(agent: &Agent, run: &str) -> Result<Outcome, Stop> {
    let patience = agent.context.settings.patience.task + agent.context.settings.patience.guest;
    let began = Instant::now();
    loop {
        let log = agent.journal.log(run).await.map_err(Stop::failed)?;
        let outcome = Outcome::of(&log, true);
        if outcome.end != End::Unfinished || began.elapsed() > patience {
            return Ok(outcome);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
