//! `pool` and `claim`: guests provisioned ahead.

use serde_json::json;
use spec::exit::Exit;

use super::destroy;
use super::output::Output;
use super::provision::hostname_for;
use crate::agent::Agent;
use crate::cli::{Claim, Pool};
use crate::golden::GoldenRef;
use crate::ledger::Pooled;
use crate::outcome::Outcome;
use crate::render;
use crate::request::ProvisionRequest;
use crate::stop::Stop;
use crate::verbs::pool;
use crate::verbs::pool::Drain;
use crate::volume::Volumes;

pub(super) async fn run(agent: &Agent, output: Output, what: Pool) -> Result<Exit, Stop> {
    match what {
        Pool::List => list(agent, output).await,
        Pool::Fill { golden, size, parallel } => fill(agent, output, &golden, size, parallel).await,
        Pool::Drain { golden, withdrawn, failed } => {
            drain(agent, output, golden.as_ref(), Drain { withdrawn, failed }).await
        }
    }
}

async fn list(agent: &Agent, output: Output) -> Result<Exit, Stop> {
    let all = agent.context.ledger.pool().await.map_err(Stop::failed)?;
    output.print(&json!({ "pool": all }), || shown(&all))?;
    Ok(Exit::Done)
}

fn shown(all: &[Pooled]) -> String {
    let mut table = render::table(["vmid", "golden", "release", "state", "since"]);
    for pooled in all {
        table.add_row([
            pooled.guest.vmid.to_string(),
            pooled.golden.clone(),
            pooled.guest.golden.clone(),
            pooled.state.to_string(),
            pooled.guest.updated_at.clone(),
        ]);
    }
    table.to_string()
}

async fn fill(
    agent: &Agent,
    output: Output,
    golden: &GoldenRef,
    size: Option<u32>,
    parallel: u8,
) -> Result<Exit, Stop> {
    let size = size.unwrap_or(agent.context.settings.pool.size);
    if size == 0 {
        return Err(Stop::bad_input("how many guests are to wait? Give --size, or set `pool.size`"));
    }
    let made = pool::fill(agent, golden, size, usize::from(parallel)).await?;
    let text = || match made.as_slice() {
        [] => format!("{size} or more guests of golden {golden} wait already"),
        made => made.iter().map(render::outcome_line).collect::<Vec<_>>().join("\n"),
    };
    output.print(&json!({ "made": made }), text)?;
    Ok(made.iter().map(Outcome::exit).max_by_key(|exit| *exit as u8).unwrap_or(Exit::Done))
}

async fn drain(agent: &Agent, output: Output, golden: Option<&GoldenRef>, what: Drain) -> Result<Exit, Stop> {
    let gone = pool::drain(agent, golden, what).await?;
    let text = || match gone.as_slice() {
        [] => "the pool has no such guest".to_owned(),
        gone => gone.iter().map(destroy::told).collect::<Vec<_>>().join("\n"),
    };
    output.print(&json!({ "drained": gone }), text)?;
    Ok(gone.iter().map(destroy::exit).max_by_key(|exit| *exit as u8).unwrap_or(Exit::Done))
}

pub(super) async fn claim(agent: &Agent, output: Output, arguments: Claim) -> Result<Exit, Stop> {
    let Claim { customer, golden, hostname, check } = arguments;
    let settings = &agent.context.settings;
    let hostname = hostname_for(agent, &customer, hostname, &check)?;
    let size = settings.guests.rootfs;
    let volumes = Volumes::default();
    let request =
        ProvisionRequest { customer, golden, hostname, size, volumes, checks: check, cold: false, hold_after: None };
    let outcome = pool::claim(agent, &request).await?;
    output.print(&outcome, || render::outcome(&outcome))?;
    Ok(outcome.exit())
}
