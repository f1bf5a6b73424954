//! A customer's own backup, looked at before anything is touched: that it is none of a golden, and what it would bring.

use std::collections::BTreeSet;

use saga::{Recorder, Step, StepError, output};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::identity::{Identity, IdentityKind};
use spec::pct::PctConf;

use super::resolve::Golden;
use crate::audit::goldens;
use crate::context::Context;
use crate::golden::admit_backup;
use crate::golden::digest::ArchiveCheck;
use crate::golden::shelf;
use crate::node::{called, patiently};
use crate::placement::carrier;
use crate::request::RecoverRequest;

/// Finds the backup and admits it.
pub struct Examine;

/// The backup that a run restores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examined {
    /// The archive in the terms of every other plan: its *golden* is the backup, and `forbidden` is what goldens hold.
    #[serde(flatten)]
    pub source: Golden,
    /// Switches that the guest had and comes back without, for a person to set again.
    pub switched_off: Vec<String>,
}

impl Step<Context> for Examine {
    fn name(&self) -> &'static str {
        "resolve"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        output(&examine(ctx, &rec.input()?).await?)
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // It only looked.
        Ok(())
    }
}

/// Looks at the backup. Nothing is written.
///
/// # Errors
/// It must not be restored, or the node cannot tell.
pub(crate) async fn examine(ctx: &Context, request: &RecoverRequest) -> Result<Examined, StepError> {
    let archive = &request.archive;
    let ctx = &carrier(ctx, archive).await;
    let rows = patiently(|| ctx.pve.archives(&archive.storage)).await.map_err(|error| called(&error))?;
    let wanted = archive.to_string();
    if !rows.iter().any(|row| row.volid == wanted) {
        return Err(StepError::failed(format!(
            "the node does not list the backup {wanted}: it is gone, or the token lacks VM.Backup on its VMID"
        )));
    }
    let text = patiently(|| ctx.pve.archived_config(archive)).await.map_err(|error| called(&error))?;
    let admitted = admit_backup(&text).map_err(|error| StepError::from_error(&error))?;
    let forbidden = of_goldens(ctx).await?;
    refuse_golden(ctx, &wanted, &admitted.identities, &forbidden).await?;
    let config = PctConf::parse(&text);
    let switches = ["onboot", "protection"].into_iter().filter(|switch| config.flag(switch));
    let source = Golden {
        title: format!("backup {wanted}"),
        release: None,
        archive: archive.clone(),
        checked: ArchiveCheck::Listed,
        nics: admitted.nics.iter().map(|(key, net)| (key.clone(), net.to_string())).collect(),
        features: admitted.features.to_string(),
        forbidden,
        carriers: None,
    };
    Ok(Examined { source, switched_off: switches.map(ToOwned::to_owned).collect() })
}

/// The values of all goldens that are known: no customer's guest may hold one, recovered or not.
async fn of_goldens(ctx: &Context) -> Result<BTreeSet<Identity>, StepError> {
    let known = goldens::known(&ctx.ledger, &ctx.settings.manifests).await;
    let known = known.map_err(|error| StepError::from_error(&error))?;
    Ok(known.forbidden.into_iter().flat_map(|set| set.identities).collect())
}

/// A golden cannot be recovered: a guest made of it this way would keep what must be fresh.
async fn refuse_golden(
    ctx: &Context,
    archive: &str,
    archived: &BTreeSet<Identity>,
    forbidden: &BTreeSet<Identity>,
) -> Result<(), StepError> {
    let folders = ctx.settings.manifests.clone();
    let shelf = tokio::task::spawn_blocking(move || shelf::survey(&folders).shelf).await;
    let shelf = shelf.map_err(|error| StepError::from_error(&error))?;
    let released = shelf.iter().any(|shelved| shelved.manifest.archive.volid == archive);
    let goldens_mac = |identity: &&Identity| identity.kind == IdentityKind::Mac && forbidden.contains(*identity);
    if released || archived.iter().find(goldens_mac).is_some() {
        return Err(StepError::failed(format!(
            "{archive} is a golden, no customer's backup: make a guest of it with `reset-agent provision`"
        )));
    }
    Ok(())
}
