//! `provision`: one call per customer, however often it is made.

use std::time::{Duration, Instant};

use spec::exit::Exit;
use spec::ids::CustomerId;
use uuid::Uuid;

use super::agent::{Agent, Stop, Wake};
use super::output::Output;
use crate::cli::Provision;
use crate::golden::admitting::admission;
use crate::ledger::Guest;
use crate::outcome::{End, Outcome};
use crate::render;
use crate::request::{ProvisionRequest, hostname_of};
use crate::sagas::PROVISION;

pub(super) async fn run(agent: &Agent, output: Output, arguments: Provision) -> Result<Exit, Stop> {
    let request = accept(agent, arguments)?;
    let outcome = provision(agent, &request).await?;
    output.print(&outcome, || render::outcome(&outcome))?;
    Ok(outcome.exit())
}

fn accept(agent: &Agent, arguments: Provision) -> Result<ProvisionRequest, Stop> {
    let Provision { customer, golden, hostname, size, check } = arguments;
    let settings = &agent.context.settings;
    if !check.is_empty() && settings.ssh.user_ca.is_none() {
        return Err(Stop::bad_input("--check needs a login: set `ssh.user_ca` in the configuration"));
    }
    let hostname = match hostname {
        Some(hostname) => hostname,
        None => hostname_of(&customer)
            .map_err(|_| Stop::bad_input(format!("customer id {customer} is no hostname: give one with --hostname")))?,
    };
    Ok(ProvisionRequest { customer, golden, hostname, size: size.unwrap_or(settings.guests.rootfs), checks: check })
}

async fn provision(agent: &Agent, request: &ProvisionRequest) -> Result<Outcome, Stop> {
    let recovered = agent.take_up_all(Wake::DeadOnly).await?;
    if let Some(parked) = recovered.into_iter().find(|outcome| is_parked_for(outcome, &request.customer)) {
        return Ok(parked);
    }
    if let Some(guest) = live_guest(agent, &request.customer).await? {
        return existing(agent, &guest).await;
    }
    // A golden that is not there, or does not count, is bad input: no run is opened for it.
    admission(&agent.context, &request.golden).await.map_err(Stop::unusable)?;
    let run = Uuid::now_v7().to_string();
    let input = serde_json::to_value(request).map_err(Stop::failed)?;
    let finished = agent.start(PROVISION, &run, input).await.map_err(Stop::failed)?;
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
    let settings = &agent.context.settings;
    let deadline = settings.patience.task + settings.patience.guest;
    let began = Instant::now();
    loop {
        let log = agent.journal.log(guest.run.as_str()).await.map_err(Stop::failed)?;
        let mut outcome = Outcome::of(&log, true);
        if outcome.end != End::Unfinished || began.elapsed() > deadline {
            let now = agent.context.ledger.guest(guest.id).await.map_err(Stop::failed)?;
            outcome.state = Some(now.state);
            return Ok(outcome);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
