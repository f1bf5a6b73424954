//! `provision`: one call per customer, however often it is made.

use spec::exit::Exit;
use spec::ids::{CustomerId, Hostname};

use super::output::Output;
use crate::agent::Agent;
use crate::cli::Provision;
use crate::render;
use crate::request::{ProvisionRequest, hostname_of};
use crate::stop::Stop;
use crate::verbs::{provision, rehearse};
use crate::volume::Volumes;

pub(super) async fn run(agent: &Agent, output: Output, arguments: Provision) -> Result<Exit, Stop> {
    let dry_run = arguments.dry_run;
    let request = accept(agent, arguments)?;
    if dry_run {
        return output.rehearsed(&rehearse::provision(agent, &request).await?);
    }
    let outcome = provision(agent, &request).await?;
    output.print(&outcome, || render::outcome(&outcome))?;
    Ok(outcome.exit())
}

fn accept(agent: &Agent, arguments: Provision) -> Result<ProvisionRequest, Stop> {
    let Provision { customer, golden, hostname, size, volume, check, cold, hold_after, dry_run: _ } = arguments;
    let hostname = hostname_for(agent, &customer, hostname, &check)?;
    let size = size.unwrap_or(agent.context.settings.guests.rootfs);
    let volumes = Volumes::new(volume).map_err(Stop::usage)?;
    Ok(ProvisionRequest { customer, golden, hostname, size, volumes, checks: check, cold, hold_after })
}

/// The hostname that was given, or the customer's id; checks only where somebody can log in.
pub(super) fn hostname_for(
    agent: &Agent,
    customer: &CustomerId,
    hostname: Option<Hostname>,
    checks: &[String],
) -> Result<Hostname, Stop> {
    if !checks.is_empty() && !agent.context.settings.ssh.logs_in() {
        return Err(Stop::bad_input("--check needs a login: set `ssh.user_ca` or `ssh.agent` in the configuration"));
    }
    match hostname {
        Some(hostname) => Ok(hostname),
        None => hostname_of(customer)
            .map_err(|_| Stop::bad_input(format!("customer id {customer} is no hostname: give one with --hostname"))),
    }
}
