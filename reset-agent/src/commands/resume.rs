//! `resume` and `abort`: runs that were cut off or rest.

use saga::Finished;
use serde_json::json;
use spec::exit::Exit;

use super::output::Output;
use crate::agent::{Agent, Wake};
use crate::outcome::Outcome;
use crate::render;
use crate::stop::Stop;
use crate::verbs;

pub(super) async fn run(agent: &Agent, output: Output, run: Option<String>) -> Result<Exit, Stop> {
    let outcomes = match run {
        Some(run) => one(&agent.resume(&run).await.map_err(Stop::failed)?),
        None => agent.take_up_all(Wake::ParkedToo).await?,
    };
    tell(output, &outcomes)?;
    Ok(worst(&outcomes))
}

pub(super) async fn abort(agent: &Agent, output: Output, run: &str) -> Result<Exit, Stop> {
    let outcomes = [verbs::abort(agent, run, "given up by hand").await?];
    tell(output, &outcomes)?;
    // That everything is undone is what was asked for.
    Ok(match worst(&outcomes) {
        Exit::Failed => Exit::Done,
        exit => exit,
    })
}

fn one(finished: &Finished) -> Vec<Outcome> {
    vec![Outcome::of(&finished.log, false)]
}

fn tell(output: Output, outcomes: &[Outcome]) -> Result<(), Stop> {
    output.print(&json!({ "runs": outcomes }), || match outcomes {
        [] => "no run is unfinished".to_owned(),
        outcomes => outcomes.iter().map(render::outcome).collect::<Vec<_>>().join("\n\n"),
    })
}

fn worst(outcomes: &[Outcome]) -> Exit {
    outcomes.iter().map(Outcome::exit).max_by_key(|exit| *exit as u8).unwrap_or(Exit::Done)
}
