//! `show`: one guest, its identities and how it was made.

use serde_json::json;
use spec::exit::Exit;
use spec::identity::IdentityKind;

use super::output::Output;
use crate::agent::Agent;
use crate::ledger::Owned;
use crate::outcome::Outcome;
use crate::render;
use crate::stop::Stop;
use crate::verbs::find::{find, unknown};

pub(super) async fn run(agent: &Agent, output: Output, name: &str) -> Result<Exit, Stop> {
    let guest = find(agent, name).await?.ok_or_else(|| unknown(name))?;
    let identities = agent.context.ledger.identities(guest.id).await.map_err(Stop::failed)?;
    let outcome = agent.log_of(guest.run.as_str()).await?.map(|log| Outcome::of(&log, true));
    output.print(&json!({ "guest": guest, "identities": identities, "outcome": outcome }), || {
        let rebuilt = || format!("how it was made is not known: run {} is not in this journal", guest.run);
        let made = outcome.as_ref().map_or_else(rebuilt, render::outcome);
        format!("{}\n{}\n{made}", render::guests(std::slice::from_ref(&guest)), held(&identities))
    })?;
    Ok(Exit::Done)
}

fn held(identities: &[Owned]) -> String {
    let mut table = render::table(["identity", "value", "recorded", "retired"]);
    for owned in identities {
        let retired = owned.retired_at.clone().unwrap_or_default();
        let what = match owned.identity.kind {
            // systemd calls these confidential: the ledger has nothing else of them.
            IdentityKind::MachineId | IdentityKind::DbusMachineId => {
                format!("{}, keyed digest", owned.identity.kind.title())
            }
            ref kind => kind.title(),
        };
        table.add_row([what, owned.identity.shown(), owned.recorded_at.clone(), retired]);
    }
    table.to_string()
}
