//! `orphans`: guests that runs made after they were given up.

use serde_json::json;
use spec::exit::Exit;

use super::output::Output;
use super::tokens::by_hand;
use crate::agent::Agent;
use crate::orphans::{Found, Standing};
use crate::outcome::Outcome;
use crate::render;
use crate::stop::Stop;
use crate::verbs::orphans;

pub(super) async fn run(agent: &Agent, output: Output, remove: bool) -> Result<Exit, Stop> {
    let all = orphans::survey(agent).await?;
    let mut removed = Vec::new();
    for found in all.iter().filter(|found| remove && found.standing.is_removable()) {
        let outcome = orphans::remove(agent, found).await?;
        let entry = by_hand("orphan.remove", &format!("guest {}", found.vmid), outcome.exit().word());
        let entry = crate::ledger::Entry { run: Some(outcome.run.clone()), ..entry };
        agent.context.ledger.log_action(&entry).await.map_err(Stop::failed)?;
        removed.push(outcome);
    }
    output.print(&json!({ "orphans": all, "removed": removed }), || shown(&all, &removed))?;
    Ok(removed.iter().map(Outcome::exit).max_by_key(|exit| *exit as u8).unwrap_or(Exit::Done))
}

fn shown(all: &[Found], removed: &[Outcome]) -> String {
    if all.is_empty() {
        return "no guest of the node bears the mark of a run that is over".to_owned();
    }
    let mut table = render::table(["vmid", "run", "customer", "whose", ""]);
    for found in all {
        let (whose, why) = match &found.standing {
            Standing::Orphan { hindrances } if hindrances.is_empty() => ("nobody's", "may be removed".to_owned()),
            Standing::Orphan { hindrances } => ("nobody's", format!("left alone: {}", hindrances.join("; "))),
            Standing::Theirs => ("another ledger's", "never removed".to_owned()),
            Standing::Ours => ("ours", String::new()),
        };
        let customer = found.customer.as_ref().map(ToString::to_string).unwrap_or_default();
        table.add_row([found.vmid.to_string(), found.run.to_string(), customer, whose.to_owned(), why]);
    }
    let lines = removed.iter().map(render::outcome_line);
    [table.to_string()].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}
