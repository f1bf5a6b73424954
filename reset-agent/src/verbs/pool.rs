//! Guests provisioned ahead of their customers; handed over one by one, and cleared away where nobody may have them.

use futures_util::{StreamExt, stream};
use spec::ids::{CustomerId, Hostname};
use spec::pct::DiskSize;
use uuid::Uuid;

use super::destroy;
use super::destroy::Destroyed;
use super::provision::provision_by;
use crate::agent::{Agent, Wake};
use crate::golden::GoldenRef;
use crate::golden::admitting::{admission, ensure_not_withdrawn};
use crate::golden::warming::is_withdrawn;
use crate::ledger::PoolState;
use crate::outcome::Outcome;
use crate::request::ProvisionRequest;
use crate::sagas::{CLAIM, STOCK};
use crate::steps::Golden;
use crate::stop::Stop;
use crate::volume::Volumes;

/// Gives a customer a guest of the pool; one who has a guest gets it back.
///
/// # Errors
/// [`Stop`]: the run stopped on the way.
pub async fn claim(agent: &Agent, request: &ProvisionRequest) -> Result<Outcome, Stop> {
    agent.take_up_all(Wake::DeadOnly).await?;
    sort_out(agent).await?;
    provision_by(agent, request, CLAIM).await
}

/// Provisions guests until so many of a golden wait that may be handed over. What each new one came to.
///
/// # Errors
/// [`Stop`]: the golden does not count, or the ledger cannot be used.
pub async fn fill(agent: &Agent, golden: &GoldenRef, size: u32, parallel: usize) -> Result<Vec<Outcome>, Stop> {
    agent.take_up_all(Wake::DeadOnly).await?;
    admission(&agent.context, golden).await.map_err(Stop::unusable)?;
    sort_out(agent).await?;
    let name = golden.to_string();
    let pool = agent.context.ledger.pool().await.map_err(Stop::failed)?;
    let ready = pool.iter().filter(|pooled| pooled.state == PoolState::Ready && pooled.golden == name).count();
    let missing = usize::try_from(size).unwrap_or(usize::MAX).saturating_sub(ready);
    let requests = (0..missing).map(|_| nobodys(golden, agent.context.settings.guests.rootfs));
    let requests: Vec<ProvisionRequest> = requests.collect::<Result<_, _>>()?;
    let made = stream::iter(&requests).map(|request| provision_by(agent, request, STOCK)).buffer_unordered(parallel);
    made.collect::<Vec<_>>().await.into_iter().collect()
}

/// Which guests of the pool are cleared away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drain {
    /// Those whose release was withdrawn.
    pub withdrawn: bool,
    /// Those that could not be verified: they were kept for somebody to look at.
    pub failed: bool,
}

/// Destroys guests of the pool that nobody can be given, of one golden or of all. What each came to.
///
/// # Errors
/// [`Stop`]: the ledger cannot be used; what the node refuses is in the outcome.
pub async fn drain(agent: &Agent, golden: Option<&GoldenRef>, what: Drain) -> Result<Vec<Destroyed>, Stop> {
    agent.take_up_all(Wake::DeadOnly).await?;
    sort_out(agent).await?;
    let name = golden.map(ToString::to_string);
    let mut destroyed = Vec::new();
    for pooled in agent.context.ledger.pool().await.map_err(Stop::failed)? {
        let meant = match pooled.state {
            PoolState::Spoiled => what.withdrawn,
            // One that is being made is none of them.
            PoolState::Filling => what.failed && !agent.is_unfinished(pooled.made_by.as_str()).await?,
            PoolState::Ready | PoolState::Claimed => false,
        };
        if meant && name.as_ref().is_none_or(|name| *name == pooled.golden) {
            destroyed.push(destroy(agent, &pooled.guest).await?);
        }
    }
    Ok(destroyed)
}

/// Takes those out of the pool whose release was withdrawn: nobody is given one of them, and others are made in their place.
async fn sort_out(agent: &Agent) -> Result<(), Stop> {
    let ctx = &agent.context;
    let pool = ctx.ledger.pool().await.map_err(Stop::failed)?;
    for pooled in pool.into_iter().filter(|pooled| pooled.state == PoolState::Ready) {
        let golden: Golden = serde_json::from_value(pooled.release).map_err(Stop::failed)?;
        let Some(release) = &golden.release else { continue };
        match ensure_not_withdrawn(ctx, &golden.title, release).await {
            Err(error) if is_withdrawn(&error) => {
                let vmid = pooled.guest.vmid;
                tracing::warn!(%vmid, release = golden.title, "its release was withdrawn: nobody gets this guest");
                ctx.ledger.spoil_waiting(pooled.guest.id).await.map_err(Stop::failed)?;
            }
            // Whether others may be handed over is asked again when they are.
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
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
