//! The guest gone, and proven to be; however often it is asked for.

use std::net::SocketAddr;

use saga::{Finished, Journal, JournalError, RunError};
use serde::Serialize;
use uuid::Uuid;

use super::{abort, settled};
use crate::agent::Agent;
use crate::customers::Reachable;
use crate::ledger::Guest;
use crate::outcome::Outcome;
use crate::request::DestroyRequest;
use crate::sagas::DESTROY;
use crate::stop::Stop;

/// What became of a guest that was to be destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Destroyed {
    /// The guest as the ledger has it now.
    pub guest: Guest,
    /// The run that destroyed it; none where that had ended before.
    pub outcome: Option<Outcome>,
}

/// Destroys a guest of the ledger. One whose run is unfinished goes with its run; a destruction that was cut off or
/// rests is taken up again, so that there is never a second one.
///
/// # Errors
/// The journal or the ledger cannot be used; what the node refuses is in the outcome.
pub async fn destroy(agent: &Agent, guest: &Guest) -> Result<Destroyed, Stop> {
    if !guest.state.is_live() {
        return Ok(Destroyed { guest: guest.clone(), outcome: closed(agent, guest).await? });
    }
    agent.close_if_done(guest.run.as_str()).await?;
    let outcome = if agent.is_unfinished(guest.run.as_str()).await? {
        abort(agent, guest.run.as_str(), "the guest was to be destroyed").await?
    } else {
        dismantle(agent, guest).await?
    };
    let guest = agent.context.ledger.guest(guest.id).await.map_err(Stop::failed)?;
    Ok(Destroyed { guest, outcome: Some(outcome) })
}

/// The whole request to destroy a guest: with the way into it, as the journal of its run has it.
///
/// # Errors
/// The journal cannot be read.
pub async fn request(agent: &Agent, guest: &Guest) -> Result<DestroyRequest, Stop> {
    Ok(DestroyRequest { reachable: reachable(agent, guest).await?, ..DestroyRequest::of(guest) })
}

/// Where a guest's run left it; none where it never reached it.
///
/// # Errors
/// The journal cannot be read.
pub(super) async fn reachable(agent: &Agent, guest: &Guest) -> Result<Option<Reachable>, Stop> {
    let log = match agent.journal.log(guest.run.as_str()).await {
        Ok(log) => log,
        Err(JournalError::Unknown { .. }) => return Ok(None),
        Err(error) => return Err(Stop::failed(error)),
    };
    let outcome = Outcome::of(&log, true);
    Ok(outcome.address.zip(outcome.trust).map(|(address, trust)| Reachable {
        guest: guest.vmid,
        socket: SocketAddr::new(address, agent.context.settings.ssh.port),
        host_keys: outcome.host_keys,
        trust,
    }))
}

async fn dismantle(agent: &Agent, guest: &Guest) -> Result<Outcome, Stop> {
    if let Some(run) = begun(agent, guest).await? {
        return told(agent, agent.resume(&run).await).await;
    }
    let input = serde_json::to_value(request(agent, guest).await?).map_err(Stop::failed)?;
    told(agent, agent.start(DESTROY, &Uuid::now_v7().to_string(), input).await).await
}

/// The guest is gone, and the run that took it away may have been cut off between the ledger and its journal's end.
async fn closed(agent: &Agent, guest: &Guest) -> Result<Option<Outcome>, Stop> {
    let Some(run) = begun(agent, guest).await? else { return Ok(None) };
    told(agent, agent.resume(&run).await).await.map(Some)
}

async fn told(agent: &Agent, finished: Result<Finished, RunError>) -> Result<Outcome, Stop> {
    match finished {
        Ok(finished) => Ok(Outcome::of(&finished.log, false)),
        Err(RunError::Journal(JournalError::Held { run, .. })) => settled(agent, &run).await,
        Err(error) => Err(Stop::failed(error)),
    }
}

/// The unfinished run that destroys this guest, if there is one.
async fn begun(agent: &Agent, guest: &Guest) -> Result<Option<String>, Stop> {
    let unfinished = agent.journal.unfinished().await.map_err(Stop::failed)?;
    let of_guest = |input| serde_json::from_value::<DestroyRequest>(input).is_ok_and(|asked| asked.guest == guest.id);
    let mut destructions = unfinished.into_iter().filter(|header| header.plan == DESTROY);
    Ok(destructions.find(|header| of_guest(header.input.clone())).map(|header| header.run))
}
