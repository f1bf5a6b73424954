//! Guests provisioned ahead of their customers; handed over one by one.

use futures_util::{StreamExt, stream};
use spec::ids::{CustomerId, Hostname};
use spec::pct::DiskSize;
use uuid::Uuid;

use super::provision::provision_by;
use crate::agent::{Agent, Wake};
use crate::golden::GoldenRef;
use crate::golden::admitting::admission;
use crate::ledger::PoolState;
use crate::outcome::Outcome;
use crate::request::ProvisionRequest;
use crate::sagas::{CLAIM, STOCK};
use crate::stop::Stop;
use crate::volume::Volumes;

/// Gives a customer a guest of the pool; one who has a guest gets it back.
///
/// # Errors
/// [`Stop`]: the run stopped on the way.
pub async fn claim(agent: &Agent, request: &ProvisionRequest) -> Result<Outcome, Stop> {
    agent.take_up_all(Wake::DeadOnly).await?;
    provision_by(agent, request, CLAIM).await
}

/// Provisions guests until so many of a golden wait. What each new one came to.
///
/// # Errors
/// [`Stop`]: the golden does not count, or the ledger cannot be used.
pub async fn fill(agent: &Agent, golden: &GoldenRef, size: u32, parallel: usize) -> Result<Vec<Outcome>, Stop> {
    agent.take_up_all(Wake::DeadOnly).await?;
    admission(&agent.context, golden).await.map_err(Stop::unusable)?;
    let name = golden.to_string();
    let pool = agent.context.ledger.pool().await.map_err(Stop::failed)?;
    let ready = pool.iter().filter(|pooled| pooled.state == PoolState::Ready && pooled.golden == name).count();
    let missing = usize::try_from(size).unwrap_or(usize::MAX).saturating_sub(ready);
    let requests = (0..missing).map(|_| nobodys(golden, agent.context.settings.guests.rootfs));
    let requests: Vec<ProvisionRequest> = requests.collect::<Result<_, _>>()?;
    let made = stream::iter(&requests).map(|request| provision_by(agent, request, STOCK)).buffer_unordered(parallel);
    made.collect::<Vec<_>>().await.into_iter().collect()
}

/// A guest for nobody yet: it gets another name with its customer.
fn nobodys(golden: &GoldenRef, size: DiskSize) -> Result<ProvisionRequest, Stop> {
    let id = Uuid::new_v4().simple().to_string();
    let name = format!("pool-{}", &id[..12]);
    let customer: CustomerId = name.parse().map_err(Stop::failed)?;
    let hostname: Hostname = name.parse().map_err(Stop::failed)?;
    let golden = golden.clone();
    let (volumes, checks) = (Volumes::default(), Vec::new());
    Ok(ProvisionRequest { customer, golden, hostname, size, volumes, checks, cold: false, hold_after: None })
}
