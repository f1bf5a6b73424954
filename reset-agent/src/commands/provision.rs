//! `provision`: one call per customer, however often it is made.

use spec::exit::Exit;

use super::output::Output;
use crate::agent::Agent;
use crate::cli::Provision;
use crate::render;
use crate::request::{ProvisionRequest, hostname_of};
use crate::stop::Stop;
use crate::verbs::provision;

pub(super) async fn run(agent: &Agent, output: Output, arguments: Provision) -> Result<Exit, Stop> {
    let request = accept(agent, arguments)?;
    let outcome = provision(agent, &request).await?;
    output.print(&outcome, || render::outcome(&outcome))?;
    Ok(outcome.exit())
}

fn accept(agent: &Agent, arguments: Provision) -> Result<ProvisionRequest, Stop> {
    let Provision { customer, golden, hostname, size, check, cold, hold_after } = arguments;
    let settings = &agent.context.settings;
    if !check.is_empty() && settings.ssh.user_ca.is_none() {
        return Err(Stop::bad_input("--check needs a login: set `ssh.user_ca` in the configuration"));
    }
    let hostname = match hostname {
        Some(hostname) => hostname,
        None => hostname_of(&customer)
            .map_err(|_| Stop::bad_input(format!("customer id {customer} is no hostname: give one with --hostname")))?,
    };
    let size = size.unwrap_or(settings.guests.rootfs);
    Ok(ProvisionRequest { customer, golden, hostname, size, checks: check, cold, hold_after })
}
