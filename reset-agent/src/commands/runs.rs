//! `runs`: the journal, as a list or one run as a tree.

use saga::Outline;
use serde_json::json;
use spec::exit::Exit;

use super::output::Output;
use crate::agent::Agent;
use crate::outcome::Outcome;
use crate::render;
use crate::stop::Stop;

pub(super) async fn run(agent: &Agent, output: Output, limit: u32, run: Option<String>) -> Result<Exit, Stop> {
    if let Some(run) = run {
        let log = agent.journal.log(&run).await.map_err(Stop::failed)?;
        let outcome = Outcome::of(&log, true);
        let told = json!({ "run": run, "outcome": outcome, "records": log.records() });
        output.print(&told, || Outline::of(&log).to_string())?;
    } else {
        let runs = agent.journal.runs(limit).await.map_err(Stop::failed)?;
        output.print(&json!({ "runs": runs }), || render::runs(&runs))?;
    }
    Ok(Exit::Done)
}
