//! `doctor`: what stands in the way.

use spec::exit::Exit;

use super::output::Output;
use crate::agent::Agent;
use crate::doctor::{examine, render};
use crate::stop::Stop;

pub(super) async fn run(agent: &Agent, output: Output) -> Result<Exit, Stop> {
    let context = &agent.context;
    let diagnosis = examine(&context.settings, &context.pve, context.helper.as_ref()).await;
    output.print(&diagnosis, || render::render(&diagnosis))?;
    Ok(diagnosis.exit())
}
