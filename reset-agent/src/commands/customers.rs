//! `customers`: one line per command; what they do stands in `verbs`.

use serde_json::json;
use spec::exit::Exit;

use super::output::Output;
use crate::agent::Agent;
use crate::cli::Customers;
use crate::render;
use crate::stop::Stop;
use crate::verbs::customers::{delete, deliver, list, register, show};

pub(super) async fn run(agent: &Agent, output: Output, command: Customers) -> Result<Exit, Stop> {
    match command {
        Customers::Register { customer, secrets, hostname } => {
            let registered = register(agent, customer, secrets, hostname).await?;
            output.print(&registered, || render::customers(std::slice::from_ref(&registered)))?;
        }
        Customers::List => {
            let all = list(agent).await?;
            output.print(&json!({ "customers": all }), || render::customers(&all))?;
        }
        Customers::Show { customer } => {
            let one = show(agent, &customer).await?;
            output.print(&one, || render::customers(std::slice::from_ref(&one)))?;
        }
        Customers::Deliver { customer } => {
            let delivered = deliver(agent, &customer).await?;
            let count = delivered.delivery.names.len();
            output.print(&delivered, || {
                let names = delivered.delivery.names.join(", ");
                format!("guest {} of customer {customer} has {count} secrets: {names}", delivered.vmid)
            })?;
        }
        Customers::Delete { customer, keep_guest } => {
            let deleted = delete(agent, &customer, keep_guest).await?;
            output.print(&deleted, || match (&deleted.outcome, &deleted.guest) {
                (Some(outcome), Some(guest)) if guest.state.is_live() => render::outcome(outcome),
                (_, Some(guest)) => format!("customer {customer} is deleted; guest {} is {}", guest.vmid, guest.state),
                (_, None) => format!("customer {customer} is not registered"),
            })?;
            return Ok(deleted.exit(keep_guest));
        }
    }
    Ok(Exit::Done)
}
