//! `destroy`: only what the ledger owns and what bears our mark; harmless when repeated.

use spec::exit::Exit;

use super::output::Output;
use crate::agent::Agent;
use crate::outcome::End;
use crate::render;
use crate::stop::Stop;
use crate::verbs::destroy;
use crate::verbs::destroy::Destroyed;
use crate::verbs::find::{find, unknown};
use crate::verbs::rehearse;

pub(super) async fn run(agent: &Agent, output: Output, name: &str, dry_run: bool) -> Result<Exit, Stop> {
    let guest = find(agent, name).await?.ok_or_else(|| unknown(name))?;
    if dry_run {
        return output.rehearsed(&rehearse::destroy(agent, &guest).await?);
    }
    let destroyed = destroy(agent, &guest).await?;
    output.print(&destroyed, || told(&destroyed))?;
    Ok(exit(&destroyed))
}

pub(super) fn told(destroyed: &Destroyed) -> String {
    let Destroyed { guest, outcome } = destroyed;
    match outcome {
        Some(outcome) if guest.state.is_live() => render::outcome(outcome),
        _ => format!("guest {} of customer {} is {}", guest.vmid, guest.customer, guest.state),
    }
}

/// That the guest is gone is what was asked for, whichever run took it away.
pub(super) fn exit(destroyed: &Destroyed) -> Exit {
    match &destroyed.outcome {
        _ if !destroyed.guest.state.is_live() => Exit::Done,
        Some(outcome) if matches!(outcome.end, End::Parked { .. }) => Exit::Parked,
        _ => Exit::Failed,
    }
}
