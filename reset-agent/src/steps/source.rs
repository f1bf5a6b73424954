//! What a guest is made from: the golden's archive, or a template that was made from it once.
//!
//! A template is locked while it is copied, so a copy of it that runs is the only one.

use std::time::{Duration, Instant};

use pve_client::wire::Upid;
use pve_client::{Class, CloneOf, Meaning};
use saga::StepError;
use serde::{Deserialize, Serialize};
use spec::ids::{RunId, Vmid};

use super::asking::Asking;
use super::restore::{Asked, Order, is_token_refused};
use crate::context::Context;
use crate::golden::warm::{Unusable, check};
use crate::ledger::WarmGolden;
use crate::mark;
use crate::node::failure::chain;
use crate::node::look::is_missing;
use crate::node::removal::{Creation, creating_task};
use crate::node::task::{own_tasks, runs, settle};
use crate::node::{Found, called, look, patiently, waited};

/// What a guest is made from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Source {
    /// The archive, unpacked.
    #[default]
    Archive,
    /// A template of the same release, cloned.
    Template {
        /// The template.
        vmid: Vmid,
    },
    /// A guest that was provisioned ahead.
    Pool,
}

/// Whoever's POST wrote a new guest's first lines has had its task begun by then.
const GRACE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(300);

impl Source {
    /// The template where there is one that fits, the archive otherwise.
    ///
    /// # Errors
    /// The ledger or the node cannot be asked.
    pub(crate) async fn choose(ctx: &Context, order: &Order) -> Result<Self, StepError> {
        let guests = &ctx.settings.guests;
        let Some(release) = order.golden.release.as_ref().filter(|_| order.may_clone(guests.warm)) else {
            return Ok(Self::Archive);
        };
        let warm = ctx.ledger.warm_for(&release.manifest, ctx.pve.node(), &guests.storage).await;
        match warm.map_err(|error| StepError::from_error(&error))? {
            Some(warm) if warm.size > order.request.size => {
                let (template, size) = (warm.vmid, warm.size);
                tracing::info!(%template, %size, "the template's disk is larger than was asked for: restoring");
                Ok(Self::Archive)
            }
            Some(warm) if is_usable(ctx, &warm).await? => Ok(Self::Template { vmid: warm.vmid }),
            _ => Ok(Self::Archive),
        }
    }

    /// Waits for the run's own task that makes the guest, if one runs.
    ///
    /// # Errors
    /// The node cannot tell.
    pub(super) async fn settle(&self, ctx: &Context, vmid: Vmid, run: &RunId) -> Result<(), StepError> {
        let (of, kind) = match self {
            Self::Archive | Self::Pool => (vmid, "vzrestore"),
            Self::Template { vmid } => (*vmid, "vzclone"),
        };
        settle(&ctx.pve, of, kind, run, ctx.settings.patience.task).await
    }

    /// Whose creation holds the VMID; none where it has come further meanwhile.
    ///
    /// # Errors
    /// The node cannot tell.
    pub(super) async fn creation(
        &self,
        ctx: &Context,
        vmid: Vmid,
        run: &RunId,
        asked: Option<&Asking>,
    ) -> Result<Option<Creation>, StepError> {
        match self {
            Self::Archive | Self::Pool => {
                let earlier = asked.map(|asking| asking.earlier.clone()).unwrap_or_default();
                creating_task(&ctx.pve, vmid, run, &earlier).await.map(Some)
            }
            Self::Template { vmid: template } => creating_clone(ctx, *template, vmid, run).await,
        }
    }
}

async fn creating_clone(ctx: &Context, template: Vmid, vmid: Vmid, run: &RunId) -> Result<Option<Creation>, StepError> {
    let began = Instant::now();
    loop {
        let tasks = own_tasks(&ctx.pve, template, "vzclone", run).await?;
        if let Some(row) = tasks.first().filter(|row| runs(row)) {
            let upid: Upid = row.upid.parse().map_err(|error| StepError::from_error(&error))?;
            // How it ends is not ours to judge: it may be another run's. The next look tells.
            ctx.pve.wait_task(&upid, ctx.settings.patience.task).await.map_err(waited)?;
            return Ok(None);
        }
        let late = began.elapsed() > GRACE;
        match look(&ctx.pve, vmid, run).await.map_err(|error| called(&error))? {
            Found::Ours(config) if config.get("lock") != Some("create") => return Ok(None),
            Found::Ours(_) if late => return Ok(Some(Creation::OursAndDead)),
            Found::InCreation if late => return Ok(Some(Creation::Foreign)),
            Found::Ours(_) | Found::InCreation => tokio::time::sleep(PAUSE).await,
            Found::Absent | Found::Foreign => return Ok(None),
        }
    }
}

/// Looks at a template as it is now. One that is not as it was made is told about and left alone.
async fn is_usable(ctx: &Context, warm: &WarmGolden) -> Result<bool, StepError> {
    match inspect(ctx, warm).await? {
        Ok(()) => Ok(true),
        Err(why) => {
            let template = warm.vmid;
            tracing::warn!(%template, %why, "the warm golden {} is not used: restoring", warm.title);
            Ok(false)
        }
    }
}

/// Whether a template still is what the ledger says.
///
/// # Errors
/// The node cannot tell.
pub async fn inspect(ctx: &Context, warm: &WarmGolden) -> Result<Result<(), Unusable>, StepError> {
    let config = match patiently(|| ctx.pve.config(warm.vmid)).await {
        Ok(config) => Some(config),
        Err(error) if is_missing(&error) => None,
        Err(error) => return Err(called(&error)),
    };
    Ok(check(warm, config.as_ref(), &ctx.settings.guests.bridge))
}

/// Asks for the clone. `None`: the node will never make it, the archive is left.
pub(super) async fn ask(ctx: &Context, order: &Order, template: Vmid, vmid: Vmid) -> Result<Option<Asked>, StepError> {
    // A crash may lie between the choice and now.
    if Source::choose(ctx, order).await? != (Source::Template { vmid: template }) {
        return Ok(None);
    }
    let clone = clone_of(order, template, vmid);
    let meaning = |error: &pve_client::CallError| error.refusal().map(pve_client::Refusal::meaning);
    match patiently(|| ctx.pve.clone_guest(clone.clone())).await {
        Ok(upid) => Ok(Some(Asked::Task(upid))),
        Err(error) if meaning(&error) == Some(Meaning::GuestExists) => Ok(Some(Asked::Taken)),
        Err(error) if error.class() == Class::Ambiguous => {
            tracing::warn!(%error, "the clone's answer was lost, looking for its task");
            Ok(Some(Asked::Unclear))
        }
        Err(error) if never(&error) => {
            let why = chain(&error);
            tracing::warn!(%template, why, "the warm golden cannot be cloned: restoring");
            Ok(None)
        }
        Err(error) => Err(called(&error)),
    }
}

/// The clone as it is asked for.
pub(crate) fn clone_of(order: &Order, template: Vmid, vmid: Vmid) -> CloneOf {
    let description = mark::description(&order.request.customer, &order.golden.title, &order.run);
    CloneOf::linked(template, vmid).hostname(&order.names.hostname).description(&description)
}

/// Whether asking again would get the same answer, and nothing was made. The restore needs other rights.
fn never(error: &pve_client::CallError) -> bool {
    let class = error.class();
    let gone = is_missing(error);
    class == Class::Permanent || gone || (class == Class::Authority && !is_token_refused(error))
}
