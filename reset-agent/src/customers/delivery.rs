//! A customer's secrets, from where they lie into the guest that is the customer's: looked at before, bound, fetched,
//! written, and only then called active.

use secrets::env_file;
use serde::{Deserialize, Serialize};

use super::binding::{Mismatch, binding_to, mismatch};
use super::fetch::{FetchError, fetch};
use super::route::{Reachable, Route, RouteError, Way};
use crate::context::Context;
use crate::guest::ssh::credential::Credential;
use crate::ledger::{Customer, Guest, GuestState, LedgerError};
use crate::node::{Found, look};

/// What was delivered: names and a count, never a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The secrets' names.
    pub names: Vec<String>,
    /// How they went in.
    pub route: Route,
}

/// Why a customer's secrets are not in its guest. The customer's status is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The guest was not verified, or is quarantined.
    #[error("guest {vmid} is {state}, not active: secrets go into verified guests only")]
    NotVerified {
        /// The guest.
        vmid: String,
        /// Its state in the ledger.
        state: GuestState,
    },
    /// The node does not have it, or another in its place.
    #[error("guest {vmid} is not on the node as the ledger's guest of customer {customer}")]
    NotThere {
        /// The guest.
        vmid: String,
        /// The customer.
        customer: String,
    },
    /// The node cannot tell.
    #[error("the node cannot tell what guest {vmid} is")]
    Node {
        /// The guest.
        vmid: String,
        /// Why not.
        #[source]
        source: Box<pve_client::CallError>,
    },
    /// The guest is not the registration's.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// The secrets are not to be had.
    #[error("the secrets of customer {customer} cannot be fetched")]
    Fetch {
        /// The customer.
        customer: String,
        /// Why not.
        #[source]
        source: FetchError,
    },
    /// They do not get in, or out.
    #[error("the secrets of guest {vmid} did not change")]
    Route {
        /// The guest.
        vmid: String,
        /// Why not.
        #[source]
        source: RouteError,
    },
    /// The ledger does not do it.
    #[error("the ledger does not take the delivery")]
    Ledger(#[from] LedgerError),
}

/// Delivers. Nothing is bound or written before the guest was found to be the customer's and the secrets are there.
///
/// # Errors
/// [`DeliveryError`]; the customer's status is what it was, or `provisioned` where writing had begun.
pub async fn deliver(
    ctx: &Context,
    customer: &Customer,
    guest: &Guest,
    reachable: Option<&Reachable>,
    credential: Option<Credential>,
) -> Result<Delivery, DeliveryError> {
    if guest.state != GuestState::Active {
        return Err(DeliveryError::NotVerified { vmid: guest.vmid.to_string(), state: guest.state });
    }
    let name = &customer.registration.customer;
    let ctx = &ctx.at(&guest.node);
    let binding = live_binding(ctx, customer, guest).await?;
    let failed = |source| DeliveryError::Route { vmid: guest.vmid.to_string(), source };
    let way = Way::choose(ctx, reachable, credential).map_err(failed)?;
    let secrets = fetch(ctx.settings.secrets.as_ref(), &customer.registration.secrets).await;
    let secrets = secrets.map_err(|source| DeliveryError::Fetch { customer: name.to_string(), source })?;
    tracing::info!(customer = %name, vmid = %guest.vmid, secrets = secrets.len(), "secrets: delivery begins");
    ctx.ledger.bind_customer(name, &binding).await?;
    let file = env_file::render(&secrets);
    way.write(&ctx.settings.ssh.user, guest.vmid, &file, secrets.len()).await.map_err(failed)?;
    ctx.ledger.activate_customer(name, secrets.len() as u64).await?;
    tracing::info!(customer = %name, vmid = %guest.vmid, "secrets: delivery is complete");
    Ok(Delivery { names: secrets.names(), route: way.route() })
}

/// Takes a customer's env file out of its guest.
///
/// # Errors
/// [`DeliveryError`].
pub async fn withdraw(
    ctx: &Context,
    customer: &Customer,
    guest: &Guest,
    reachable: Option<&Reachable>,
    credential: Option<Credential>,
) -> Result<(), DeliveryError> {
    let ctx = &ctx.at(&guest.node);
    live_binding(ctx, customer, guest).await?;
    let failed = |source| DeliveryError::Route { vmid: guest.vmid.to_string(), source };
    let way = Way::choose(ctx, reachable, credential).map_err(failed)?;
    way.remove(&ctx.settings.ssh.user, guest.vmid).await.map_err(failed)
}

/// The binding to the guest as it is now, if it is the one that the registration means.
async fn live_binding(
    ctx: &Context,
    customer: &Customer,
    guest: &Guest,
) -> Result<crate::ledger::Binding, DeliveryError> {
    let registration = &customer.registration;
    let (vmid, name) = (guest.vmid.to_string(), registration.customer.to_string());
    let config = match look(&ctx.pve, guest.vmid, &guest.run).await {
        Ok(Found::Ours(config)) => config,
        Ok(Found::Absent | Found::InCreation | Found::Foreign) => {
            return Err(DeliveryError::NotThere { vmid, customer: name });
        }
        Err(source) => return Err(DeliveryError::Node { vmid, source: Box::new(source) }),
    };
    let live = binding_to(guest, &ctx.pve.node_of(guest.vmid), &config)
        .ok_or(DeliveryError::NotThere { vmid, customer: name })?;
    match mismatch(registration, customer.binding.as_ref(), &live, &config) {
        Some(difference) => Err(difference.into()),
        None => Ok(live),
    }
}
