//! A run that another process works on, waited for; taken up where that process dies meanwhile.

use std::time::{Duration, Instant};

use saga::{JournalError, RunError};

use crate::agent::Agent;
use crate::outcome::{End, Outcome};
use crate::stop::Stop;

const PAUSE: Duration = Duration::from_millis(500);

/// What came of a run that was begun elsewhere; waits while somebody works on it, as long as a run may take. On a server
/// a dead agent's lease ends some time after it: whoever waits for its run is the one to go on with it.
///
/// # Errors
/// The journal cannot be read, or the run stopped when it was taken up.
pub async fn settled(agent: &Agent, run: &str) -> Result<Outcome, Stop> {
    let patience = agent.context.settings.patience.task + agent.context.settings.patience.guest;
    let began = Instant::now();
    loop {
        let log = agent.journal.log(run).await.map_err(Stop::failed)?;
        let outcome = Outcome::of(&log, true);
        if outcome.end != End::Unfinished || began.elapsed() > patience {
            return Ok(outcome);
        }
        match agent.recover(run).await {
            Ok(finished) => return Ok(Outcome::of(&finished.log, true)),
            Err(RunError::Journal(JournalError::Held { .. })) => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(Stop::failed(error)),
        }
    }
}
