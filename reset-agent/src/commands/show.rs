//! `show`: one guest, its identities and how it was made.

use serde_json::json;
use spec::exit::Exit;
use spec::identity::IdentityKind;
use spec::ids::{CustomerId, Vmid};

use super::agent::{Agent, Stop};
use super::output::Output;
use crate::ledger::{Guest, Owned, Scope};
use crate::outcome::Outcome;
use crate::render;

pub(super) async fn run(agent: &Agent, output: Output, name: &str) -> Result<Exit, Stop> {
    let guest = find(agent, name).await?.ok_or_else(|| unknown(name))?;
    let identities = agent.context.ledger.identities(guest.id).await.map_err(Stop::failed)?;
    let log = agent.journal.log(guest.run.as_str()).await.map_err(Stop::failed)?;
    let outcome = Outcome::of(&log, true);
    output.print(&json!({ "guest": guest, "identities": identities, "outcome": outcome }), || {
        let made = render::outcome(&outcome);
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

/// The guest that a customer's id or a VMID means: the live one, else the last one, so that destroying twice is no error.
pub(super) async fn find(agent: &Agent, name: &str) -> Result<Option<Guest>, Stop> {
    let guests = agent.context.ledger.list(Scope::All).await.map_err(Stop::failed)?;
    let customer: CustomerId = name.parse().map_err(Stop::usage)?;
    let vmid: Option<Vmid> = name.parse().ok();
    Ok(meant(guests, &customer, vmid))
}

/// A live guest before one that is gone, a VMID before a customer of that name, the newest last.
fn meant(guests: Vec<Guest>, customer: &CustomerId, vmid: Option<Vmid>) -> Option<Guest> {
    let fits = |guest: &Guest| Some(guest.vmid) == vmid || guest.customer == *customer;
    guests.into_iter().filter(fits).max_by_key(|guest| (guest.state.is_live(), Some(guest.vmid) == vmid, guest.id))
}

/// Nobody is meant.
pub(super) fn unknown(name: &str) -> Stop {
    Stop::bad_input(format!(
        "the ledger knows no guest of customer or VMID {name}; `reset-agent list --all` shows them"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(id: i64, customer: &str, vmid: u32, state: &str) -> Guest {
        serde_json::from_value(json!({
            "id": id, "customer": customer, "vmid": vmid, "node": "pve", "hostname": "h", "golden": "g", "state": state,
            "run": "0193f2a4-0000-7000-8000-000000000001", "created_at": "", "updated_at": ""
        }))
        .unwrap()
    }

    fn found(guests: &[Guest], name: &str) -> Option<i64> {
        meant(guests.to_vec(), &name.parse().unwrap(), name.parse().ok()).map(|guest| guest.id.0)
    }

    #[test]
    fn a_live_guest_is_meant_before_one_that_is_gone() {
        let guests =
            [guest(1, "acme", 200, "destroyed"), guest(2, "globex", 200, "active"), guest(3, "acme", 201, "destroyed")];
        assert_eq!(found(&guests, "200"), Some(2));
        assert_eq!(found(&guests, "acme"), Some(3));
        assert_eq!(found(&guests, "201"), Some(3));
        assert_eq!(found(&guests, "initech"), None);
    }

    #[test]
    fn a_customer_may_have_a_number_for_a_name() {
        let guests = [guest(1, "200", 300, "active"), guest(2, "acme", 200, "active")];
        assert_eq!(found(&guests, "200"), Some(2));
    }
}
