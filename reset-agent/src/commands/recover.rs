//! `recover`: a customer's own backup, its continuity kept.

use spec::exit::Exit;

use super::output::Output;
use crate::agent::Agent;
use crate::cli::Recover;
use crate::render;
use crate::stop::Stop;
use crate::verbs::recover::{Wish, accept, recover};
use crate::verbs::rehearse;

pub(super) async fn run(agent: &Agent, output: Output, arguments: Recover) -> Result<Exit, Stop> {
    let Recover { customer, archive, hostname, size, on_collision, adopt, check, hold_after, dry_run } = arguments;
    if !check.is_empty() && !agent.context.settings.ssh.logs_in() {
        return Err(Stop::bad_input("--check needs a login: set `ssh.user_ca` or `ssh.agent` in the configuration"));
    }
    let wish = Wish { customer, archive, hostname, size, on_collision, adopt, checks: check, hold_after };
    let request = accept(agent, wish).await?;
    if dry_run {
        return output.rehearsed(&rehearse::recover(agent, &request).await?);
    }
    let outcome = recover(agent, &request).await?;
    output.print(&outcome, || render::outcome(&outcome))?;
    Ok(outcome.exit())
}
