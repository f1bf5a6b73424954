//! `audit`: who shares what.

use spec::exit::Exit;

use super::output::Output;
use crate::agent::Agent;
use crate::audit::{of_fleet, render};
use crate::stop::Stop;

pub(super) async fn run(agent: &Agent, output: Output) -> Result<Exit, Stop> {
    let report = of_fleet(&agent.context).await.map_err(Stop::failed)?;
    output.print(&report, || render::render(&report))?;
    Ok(report.exit())
}
