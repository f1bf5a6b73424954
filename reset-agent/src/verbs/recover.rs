//! A customer's own backup brought back, once however often it is asked for.

use saga::Journal;
use spec::ids::{CustomerId, Hostname, Volid};
use spec::pct::{DiskSize, PctConf};
use uuid::Uuid;

use super::settled;
use crate::agent::Agent;
use crate::mark;
use crate::node::patiently;
use crate::outcome::Outcome;
use crate::placement::carrier;
use crate::request::{HoldAfter, OnCollision, RecoverRequest};
use crate::sagas::RECOVER;
use crate::stop::Stop;
use crate::volume::{Volumes, Written};

/// A recovery as it is asked for: what is not said is the backup's.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Whose guest was lost.
    pub customer: CustomerId,
    /// The backup's volume id.
    pub archive: Volid,
    /// Another hostname than the backup's.
    pub hostname: Option<Hostname>,
    /// A larger root disk than the backup's.
    pub size: Option<DiskSize>,
    /// What to do about addresses that are somebody else's by now.
    pub on_collision: OnCollision,
    /// The caller vouches for the backup: it bears no mark that this ledger knows.
    pub adopt: bool,
    /// Commands that must succeed inside the guest.
    pub checks: Vec<String>,
    /// Where the run rests for a person to look.
    pub hold_after: Option<HoldAfter>,
}

/// Looks at the backup and makes a whole request of a wish. Nothing is changed.
///
/// # Errors
/// [`Stop`] with exit code 2: the backup cannot be read, or is not this customer's.
pub async fn accept(agent: &Agent, wish: Wish) -> Result<RecoverRequest, Stop> {
    let pve = carrier(&agent.context, &wish.archive).await.pve;
    let text = patiently(|| pve.archived_config(&wish.archive)).await.map_err(Stop::unusable)?;
    let config = PctConf::parse(&text);
    must_be_theirs(agent, &wish, config.description()).await?;
    let hostname = match (wish.hostname, config.get("hostname")) {
        (Some(hostname), _) => hostname,
        (None, Some(archived)) => archived.parse().map_err(Stop::usage)?,
        (None, None) => return Err(Stop::bad_input("the backup names no hostname: give one with --hostname")),
    };
    let archived = config.rootfs().map_err(Stop::usage)?.and_then(|rootfs| rootfs.size());
    let size = match (wish.size, archived) {
        (Some(asked), Some(archived)) if asked < archived => {
            return Err(Stop::bad_input(format!("--size {asked} is less than the backup's {archived}")));
        }
        (Some(size), _) | (None, Some(size)) => size,
        (None, None) => return Err(Stop::bad_input("the backup names no size of its root disk: give --size")),
    };
    let volumes = volumes(&config)?;
    Ok(RecoverRequest {
        customer: wish.customer,
        archive: wish.archive,
        hostname,
        size,
        volumes,
        on_collision: wish.on_collision,
        checks: wish.checks,
        hold_after: wish.hold_after,
    })
}

/// The volumes that the guest had: they come back on the storage for guests, each with what the backup holds of it.
fn volumes(config: &PctConf) -> Result<Volumes, Stop> {
    let mut written = Vec::new();
    for (index, mount) in config.mounts().map_err(Stop::usage)? {
        let Some(size) = mount.size() else {
            return Err(Stop::bad_input(format!(
                "mp{index} of the backup names no size: set it on the guest, back it up again"
            )));
        };
        let backup = Some(mount.backup());
        written.push(Written { path: mount.mp().to_owned(), size: size.to_string(), storage: None, backup });
    }
    Volumes::try_from(written).map_err(Stop::usage)
}

/// One customer's backup must not become another's guest: the mark in its description tells which run made the guest,
/// and the journal whom that run was for.
async fn must_be_theirs(agent: &Agent, wish: &Wish, description: Option<&str>) -> Result<(), Stop> {
    let Wish { customer, archive, .. } = wish;
    match owner(agent, description).await? {
        Some(owner) if owner == *customer => Ok(()),
        Some(owner) => Err(Stop::bad_input(format!("{archive} is a backup of customer {owner}, not of {customer}"))),
        None if wish.adopt => Ok(()),
        None => Err(Stop::bad_input(format!(
            "{archive} bears no mark that this ledger knows: if it is customer {customer}'s, say so with --adopt"
        ))),
    }
}

/// Whose backup this is, by the mark in its description; none where this ledger does not know the mark.
pub(super) async fn owner(agent: &Agent, description: Option<&str>) -> Result<Option<CustomerId>, Stop> {
    let Some(run) = mark::run_of(description).and_then(|run| run.parse().ok()) else { return Ok(None) };
    // A guest may have changed hands since its run began (a pool's), and its row may have a newer run.
    if let Some(guest) = agent.context.ledger.reserved_by(&run).await.map_err(Stop::failed)? {
        return Ok(Some(guest.customer));
    }
    let log = match agent.journal.log(run.as_str()).await {
        Ok(log) => log,
        Err(saga::JournalError::Unknown { .. }) => return Ok(None),
        Err(error) => return Err(Stop::failed(error)),
    };
    Ok(Outcome::of(&log, true).customer)
}

/// Brings the guest back. An unfinished recovery of the same customer is taken up again instead of a second one.
///
/// # Errors
/// [`Stop`]: the run stopped on the way.
pub async fn recover(agent: &Agent, request: &RecoverRequest) -> Result<Outcome, Stop> {
    if let Some(run) = begun(agent, &request.customer).await? {
        return match agent.recover(&run).await {
            Ok(finished) => Ok(Outcome::of(&finished.log, true)),
            Err(saga::RunError::Journal(saga::JournalError::Held { run, .. })) => settled(agent, &run).await,
            Err(error) => Err(Stop::failed(error)),
        };
    }
    let input = serde_json::to_value(request).map_err(Stop::failed)?;
    let finished = agent.start(RECOVER, &Uuid::now_v7().to_string(), input).await.map_err(Stop::failed)?;
    Ok(Outcome::of(&finished.log, false))
}

/// The unfinished run that recovers this customer's guest, if there is one.
///
/// # Errors
/// The journal cannot be read.
pub async fn begun(agent: &Agent, customer: &CustomerId) -> Result<Option<String>, Stop> {
    let unfinished = agent.journal.unfinished().await.map_err(Stop::failed)?;
    let same = |input| serde_json::from_value::<RecoverRequest>(input).is_ok_and(|asked| asked.customer == *customer);
    let mut recoveries = unfinished.into_iter().filter(|header| header.plan == RECOVER);
    Ok(recoveries.find(|header| same(header.input.clone())).map(|header| header.run))
}
