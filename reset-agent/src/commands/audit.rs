//! `audit`: who shares what.

use spec::exit::Exit;

use super::output::Output;
use crate::agent::Agent;
use crate::audit::{collect, goldens, render, report};
use crate::stop::Stop;

pub(super) async fn run(agent: &Agent, output: Output) -> Result<Exit, Stop> {
    let context = &agent.context;
    let goldens = goldens::known(&context.ledger, &context.settings.manifests).await.map_err(Stop::failed)?;
    let guests = collect(&context.pve, context.helper.as_ref()).await.map_err(Stop::failed)?;
    let report = report(&guests, &goldens);
    output.print(&report, || render::render(&report))?;
    Ok(report.exit())
}
