//! One guest per customer, however often it is asked for.

use spec::ids::CustomerId;
use uuid::Uuid;

use super::settled;
use crate::agent::{Agent, Wake};
use crate::golden::admitting::admission;
use crate::ledger::Guest;
use crate::outcome::{End, Outcome};
use crate::request::ProvisionRequest;
use crate::sagas::{CLAIM, PROVISION};
use crate::stop::Stop;

/// Makes a guest for a customer; one who has a guest gets it back. What a dead process left unfinished is taken up first.
///
/// # Errors
/// [`Stop`]: the golden does not count, or the run stopped on the way.
pub async fn provision(agent: &Agent, request: &ProvisionRequest) -> Result<Outcome, Stop> {
    let recovered = agent.take_up_all(Wake::DeadOnly).await?;
    if let Some(parked) = recovered.into_iter().find(|outcome| is_parked_for(outcome, &request.customer)) {
        return Ok(parked);
    }
    provision_by(agent, request, PROVISION).await
}

/// The same by the plan of this name, without a look at what other runs left unfinished.
///
/// # Errors
/// As [`provision`].
pub async fn provision_by(agent: &Agent, request: &ProvisionRequest, plan: &str) -> Result<Outcome, Stop> {
    if let Some(guest) = live_guest(agent, &request.customer).await? {
        return existing(agent, &guest).await;
    }
    // A golden that is not there, or does not count, is bad input: no run is opened for it. A guest of the pool has its
    // own, and its archive may be gone.
    if plan != CLAIM {
        admission(&agent.context, &request.golden).await.map_err(Stop::unusable)?;
    }
    let run = Uuid::now_v7().to_string();
    let input = serde_json::to_value(request).map_err(Stop::failed)?;
    let finished = agent.start(plan, &run, input).await.map_err(Stop::failed)?;
    let outcome = Outcome::of(&finished.log, false);
    match live_guest(agent, &request.customer).await? {
        // Another process served the same customer at the same time: its guest is the answer to both.
        Some(guest) if guest.run.as_str() != run => existing(agent, &guest).await,
        _ => Ok(outcome),
    }
}

fn is_parked_for(outcome: &Outcome, customer: &CustomerId) -> bool {
    outcome.customer.as_ref() == Some(customer) && matches!(outcome.end, End::Parked { .. })
}

async fn live_guest(agent: &Agent, customer: &CustomerId) -> Result<Option<Guest>, Stop> {
    agent.context.ledger.by_customer(customer).await.map_err(Stop::failed)
}

/// The guest that the customer has, as its run left it; a run that another process works on is waited for.
async fn existing(agent: &Agent, guest: &Guest) -> Result<Outcome, Stop> {
    let mut outcome = settled(agent, guest.run.as_str()).await?;
    outcome.state = Some(agent.context.ledger.guest(guest.id).await.map_err(Stop::failed)?.state);
    Ok(outcome)
}
