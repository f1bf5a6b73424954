//! Which guest is meant.

use spec::ids::{CustomerId, Vmid};

use crate::agent::Agent;
use crate::ledger::{Guest, Scope};
use crate::stop::Stop;

/// The guest that a customer's id or a VMID means: the live one, else the last one, so that destroying twice is no error.
///
/// # Errors
/// The ledger cannot be read, or the name is none.
pub async fn find(agent: &Agent, name: &str) -> Result<Option<Guest>, Stop> {
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
pub fn unknown(name: &str) -> Stop {
    Stop::bad_input(format!(
        "the ledger knows no guest of customer or VMID {name}; `reset-agent list --all` shows them"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
