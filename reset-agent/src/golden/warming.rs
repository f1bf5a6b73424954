//! Templates looked at, and removed when nobody needs them.

use std::collections::BTreeSet;

use pve_client::wire::GuestConfig;
use saga::StepError;
use serde::Serialize;
use spec::ids::{StorageId, Volid};

use super::admitting::{AdmissionError, ensure_not_withdrawn};
use super::trust::Refusal;
use super::warm::{Unusable, can_clone};
use crate::context::Context;
use crate::ledger::{GuestState, LedgerError, WarmGolden, WarmState};
use crate::node::failure::chain;
use crate::node::leftovers::{leftovers, volumes_of};
use crate::node::removal::remove;
use crate::node::{Found, called, look};
use crate::steps::{Release, inspect};

/// A template, and whether guests can be cloned from it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// As the ledger has it.
    #[serde(flatten)]
    pub warm: WarmGolden,
    /// Why not, where guests cannot.
    pub unusable: Option<String>,
    /// Whether they never can again: its release was withdrawn, or it is not as it was made. A channel that has
    /// expired may be renewed.
    pub for_good: bool,
}

/// What became of a template that is no longer wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "end", rename_all = "kebab-case")]
pub enum Removed {
    /// It is gone, its disk too.
    Gone,
    /// Nothing is cloned from it any more; its disk goes when the last clone's has gone.
    InUse {
        /// Disks of guests that are built on it.
        by: Vec<String>,
    },
}

/// Why the storage for guests cannot have templates.
#[derive(Debug, thiserror::Error)]
pub enum CannotClone {
    /// The node does not show it.
    #[error("the node does not show storage {0}: it is not there, or the token may not use it")]
    Missing(StorageId),
    /// It copies whole disks only.
    #[error(
        "storage {storage} is of type {kind}, which has no linked clones: set `guests.storage` to one of btrfs, lvmthin, rbd or zfspool"
    )]
    Kind {
        /// The storage.
        storage: StorageId,
        /// Its type.
        kind: String,
    },
    /// The node cannot be asked.
    #[error("the node does not tell of its storages")]
    Call(#[from] pve_client::CallError),
}

/// Makes sure that the storage for guests can have templates.
///
/// # Errors
/// [`CannotClone`].
pub async fn ensure_can_clone(ctx: &Context) -> Result<(), CannotClone> {
    let storage = &ctx.settings.guests.storage;
    let rows = ctx.pve.storages().await?;
    let row = rows.into_iter().find(|row| row.storage == storage.as_str());
    match row {
        None => Err(CannotClone::Missing(storage.clone())),
        Some(row) if !can_clone(&row.kind) => Err(CannotClone::Kind { storage: storage.clone(), kind: row.kind }),
        Some(_) => Ok(()),
    }
}

/// All templates, each as it is now.
///
/// # Errors
/// The ledger or the node cannot be asked.
pub async fn survey(ctx: &Context) -> Result<Vec<Standing>, StepError> {
    let mut all = Vec::new();
    for warm in ctx.ledger.warm().await.map_err(|error| StepError::from_error(&error))? {
        all.push(stand(ctx, warm).await?);
    }
    Ok(all)
}

async fn stand(ctx: &Context, warm: WarmGolden) -> Result<Standing, StepError> {
    let ctx = &ctx.at(&warm.node);
    let never = |why: String| (Some(why), true);
    let (unusable, for_good) = match inspect(ctx, &warm).await? {
        _ if warm.state != WarmState::Ready => never(warm.state.to_string()),
        Err(why) => {
            let may_pass = matches!(why, Unusable::OtherBridge { .. });
            (Some(why.to_string()), !may_pass)
        }
        Ok(()) => {
            let release = Release { golden: warm.golden.clone(), manifest: warm.manifest.clone(), channel: None };
            match ensure_not_withdrawn(ctx, &warm.title, &release).await {
                Ok(()) => (None, false),
                Err(error) => (Some(chain(&error)), is_withdrawn(&error)),
            }
        }
    };
    Ok(Standing { warm, unusable, for_good })
}

/// Whether a release was withdrawn for good; a channel that has expired may be renewed.
pub(crate) fn is_withdrawn(error: &AdmissionError) -> bool {
    matches!(error, AdmissionError::Refused(refusal) if matches!(**refusal, Refusal::Withdrawn { .. }))
}

/// Clones nothing from a template any more, and removes it where no guest's disk needs it.
///
/// # Errors
/// The ledger or the node cannot be asked, or the node refuses.
pub async fn retire(ctx: &Context, warm: &WarmGolden) -> Result<Removed, StepError> {
    let failed = |error: LedgerError| StepError::from_error(&error);
    let ctx = &ctx.at(&warm.node);
    ctx.ledger.mark_warm(warm.guest, WarmState::Retired).await.map_err(failed)?;
    let mut own = BTreeSet::new();
    if let Found::Ours(config) = look(&ctx.pve, warm.vmid, &warm.run).await.map_err(|error| called(&error))? {
        own = volumes_of(&config);
        let by = built_on(ctx, &config).await?;
        if !by.is_empty() {
            return Ok(Removed::InUse { by });
        }
    }
    remove(&ctx.pve, warm.vmid, &warm.run, ctx.settings.patience.task).await?;
    if look(&ctx.pve, warm.vmid, &warm.run).await.map_err(|error| called(&error))? == Found::Absent {
        leftovers(&ctx.pve, warm.vmid, &own, &warm.storage).await.refuse(warm.vmid)?;
    }
    ctx.ledger.mark_warm(warm.guest, WarmState::Removed).await.map_err(failed)?;
    ctx.ledger.mark(warm.guest, GuestState::Destroyed).await.map_err(failed)?;
    Ok(Removed::Gone)
}

/// Disks that cannot be without the template's: Proxmox names them `BASE/DISK`. Storages where clones stand alone
/// (btrfs, lvmthin) have none.
async fn built_on(ctx: &Context, config: &GuestConfig) -> Result<Vec<String>, StepError> {
    let mut found = Vec::new();
    for base in volumes_of(config) {
        let Volid { storage, .. } = &base;
        let rows = ctx.pve.content(storage).await.map_err(|error| called(&error))?;
        let below = format!("{base}/");
        found.extend(rows.into_iter().map(|row| row.volid).filter(|volid| volid.starts_with(&below)));
    }
    Ok(found)
}
