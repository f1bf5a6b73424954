//! Registrations: made, told, taken away.

use serde::Serialize;
use spec::exit::Exit;
use spec::ids::{CustomerId, Hostname, Vmid};

use super::destroy;
use super::destroy::reachable;
use crate::agent::Agent;
use crate::customers::{self, Delivery, Reachable, SecretsRef};
use crate::guest::ssh::credential::Credential;
use crate::ledger::{Customer, Guest, LedgerError, Registration};
use crate::outcome::{End, Outcome};
use crate::request::hostname_of;
use crate::steps::credential;
use crate::stop::Stop;

/// A registered customer and the guest that it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Registered {
    /// The customer.
    pub customer: Customer,
    /// Its live guest, bound or not; it names its golden.
    pub guest: Option<Guest>,
}

/// Registers a customer; the same again changes nothing.
///
/// # Errors
/// Bad input: no [secrets] section, other data than were registered, or names of another customer.
pub async fn register(
    agent: &Agent,
    customer: CustomerId,
    secrets: SecretsRef,
    hostname: Option<Hostname>,
) -> Result<Registered, Stop> {
    let key = agent.context.settings.secrets.as_ref().map_or(Some("secrets.folder"), |set| set.missing_for(&secrets));
    if let Some(key) = key {
        return Err(Stop::bad_input(format!("{secrets} cannot be fetched: set `{key}` in the configuration")));
    }
    let hostname = match hostname {
        Some(hostname) => hostname,
        None => hostname_of(&customer)
            .map_err(|_| Stop::bad_input(format!("customer id {customer} is no hostname: give one with --hostname")))?,
    };
    let ask = Registration { customer, hostname, secrets };
    let customer = agent.context.ledger.register_customer(&ask).await.map_err(|error| match error {
        LedgerError::CustomerDiffers { .. } | LedgerError::CustomerClash { .. } => Stop::usage(error),
        error => Stop::failed(error),
    })?;
    with_guest(agent, customer).await
}

/// All registered customers.
///
/// # Errors
/// The ledger cannot be read.
pub async fn list(agent: &Agent) -> Result<Vec<Registered>, Stop> {
    let mut all = Vec::new();
    for customer in agent.context.ledger.customers().await.map_err(Stop::failed)? {
        all.push(with_guest(agent, customer).await?);
    }
    Ok(all)
}

/// One registered customer.
///
/// # Errors
/// Nobody of that name is registered.
pub async fn show(agent: &Agent, customer: &CustomerId) -> Result<Registered, Stop> {
    let found = agent.context.ledger.customer(customer).await.map_err(Stop::failed)?;
    with_guest(agent, found.ok_or_else(|| Stop::usage(LedgerError::UnknownCustomer(customer.clone())))?).await
}

/// What a delivery did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivered {
    /// Whose secrets.
    pub customer: Customer,
    /// The guest that has them.
    pub vmid: Vmid,
    /// Names and way.
    #[serde(flatten)]
    pub delivery: Delivery,
}

/// Delivers a customer's secrets to its guest, again or for the first time.
///
/// # Errors
/// Nobody of that name is registered, there is no guest, it is not verified or not the registration's, or the secrets
/// do not get there.
pub async fn deliver(agent: &Agent, name: &CustomerId) -> Result<Delivered, Stop> {
    let Registered { customer, guest } = show(agent, name).await?;
    let guest = guest.ok_or_else(|| Stop::bad_input(format!("customer {name} has no guest: provision one first")))?;
    let (reachable, login) = way_in(agent, &guest).await?;
    let done = customers::deliver(&agent.context, &customer, &guest, reachable.as_ref(), login).await;
    let delivery = done.map_err(Stop::failed)?;
    let customer = show(agent, name).await?.customer;
    Ok(Delivered { customer, vmid: guest.vmid, delivery })
}

/// What became of a customer that was to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deleted {
    /// Whom.
    pub customer: CustomerId,
    /// Its guest as the ledger has it now, where there was one.
    pub guest: Option<Guest>,
    /// The run that destroyed it.
    pub outcome: Option<Outcome>,
}

impl Deleted {
    /// The exit code: what was asked for is that the guest is gone, unless it was to be kept.
    pub fn exit(&self, keep_guest: bool) -> Exit {
        match &self.outcome {
            _ if keep_guest || self.guest.as_ref().is_none_or(|guest| !guest.state.is_live()) => Exit::Done,
            Some(outcome) if matches!(outcome.end, End::Parked { .. }) => Exit::Parked,
            _ => Exit::Failed,
        }
    }
}

/// Takes the secrets out of the customer's guest, destroys it (or leaves it, where that was asked for), and forgets
/// the registration. A guest that does not go keeps its registration.
///
/// # Errors
/// The secrets of a guest that is kept do not go; the guest's destruction could not be begun.
pub async fn delete(agent: &Agent, name: &CustomerId, keep_guest: bool) -> Result<Deleted, Stop> {
    let ledger = &agent.context.ledger;
    let Some(customer) = ledger.customer(name).await.map_err(Stop::failed)? else {
        return Ok(Deleted { customer: name.clone(), guest: None, outcome: None });
    };
    let Registered { customer, guest } = with_guest(agent, customer).await?;
    let mut deleted = Deleted { customer: name.clone(), guest: guest.clone(), outcome: None };
    if let Some(guest) = guest {
        if keep_guest {
            take_out(agent, &customer, &guest).await?;
        } else {
            let destroyed = destroy(agent, &guest).await?;
            let alive = destroyed.guest.state.is_live();
            deleted = Deleted { guest: Some(destroyed.guest), outcome: destroyed.outcome, ..deleted };
            if alive {
                return Ok(deleted);
            }
        }
    }
    ledger.forget_customer(name).await.map_err(Stop::failed)?;
    Ok(deleted)
}

/// The env file out of a guest that stays, where it was delivered or about to be.
async fn take_out(agent: &Agent, customer: &Customer, guest: &Guest) -> Result<(), Stop> {
    if customer.binding.is_none() {
        return Ok(());
    }
    let (reachable, login) = way_in(agent, guest).await?;
    let withdrawn = customers::withdraw(&agent.context, customer, guest, reachable.as_ref(), login).await;
    withdrawn.map_err(Stop::failed)?;
    agent.context.ledger.unbind_customer(guest.id).await.map_err(Stop::failed)
}

/// Where the guest's run left it, and a login of our own.
async fn way_in(agent: &Agent, guest: &Guest) -> Result<(Option<Reachable>, Option<Credential>), Stop> {
    let login = credential(&agent.context, guest.run.as_str()).map_err(Stop::failed)?;
    Ok((reachable(agent, guest).await?, login))
}

async fn with_guest(agent: &Agent, customer: Customer) -> Result<Registered, Stop> {
    let guest = agent.context.ledger.by_customer(&customer.registration.customer).await.map_err(Stop::failed)?;
    Ok(Registered { customer, guest })
}
