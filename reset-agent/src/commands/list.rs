//! `list`: the guests in the ledger.

use serde_json::json;
use spec::exit::Exit;

use super::output::Output;
use crate::agent::Agent;
use crate::ledger::Scope;
use crate::render;
use crate::stop::Stop;

pub(super) async fn run(agent: &Agent, output: Output, all: bool) -> Result<Exit, Stop> {
    let scope = if all { Scope::All } else { Scope::Live };
    let guests = agent.context.ledger.list(scope).await.map_err(Stop::failed)?;
    output.print(&json!({ "guests": guests }), || render::guests(&guests))?;
    Ok(Exit::Done)
}
