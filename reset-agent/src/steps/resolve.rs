//! Request → manifest → archive: what will be restored, checked before anything is touched.

use std::collections::{BTreeMap, BTreeSet};

use pve_client::Client;
use saga::{Recorder, Step, StepError, output};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::identity::{ForbiddenSet, Identity};
use spec::ids::{ChannelName, GoldenName, NodeName, Sha256Hex, Volid};
use spec::pct::{DiskSize, PctConf};
use spec::release::Manifest;

use crate::context::Context;
use crate::doctor::preflight;
use crate::golden::admitting::admission;
use crate::golden::digest::{ArchiveCheck, check_beside, check_size};
use crate::golden::trust::Admitted as Admission;
use crate::golden::{Admitted, admit};
use crate::request::ProvisionRequest;
use crate::volume::Volumes;

/// Finds the golden and admits it.
pub struct Resolve;

/// The golden that a run restores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Golden {
    /// Name and release, for people.
    pub title: String,
    /// The release by content; none in journals of before there were signatures.
    #[serde(default)]
    pub release: Option<Release>,
    /// The archive on the node.
    pub archive: Volid,
    /// How far its bytes were checked against the manifest.
    pub checked: ArchiveCheck,
    /// Every archived interface by key, as the archive has it.
    pub nics: BTreeMap<String, String>,
    /// The features that the guest must come to have, as the archive has them.
    pub features: String,
    /// Values that belong to the golden: no guest may have them, not for an instant.
    pub forbidden: BTreeSet<Identity>,
    /// The nodes on which it may become a guest; none where only one is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carriers: Option<Carriers>,
}

/// Where an archive is, and what a guest of it asks of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carriers {
    /// The nodes that have the archive as its manifest describes it.
    pub nodes: Vec<NodeName>,
    /// Memory of a guest made from it, bytes.
    pub memory: u64,
}

impl Golden {
    /// Its name, without the release.
    pub(crate) fn name(&self) -> &str {
        self.title.split(' ').next().unwrap_or(&self.title)
    }
}

/// A release, by content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The golden.
    pub golden: GoldenName,
    /// SHA-256 of its manifest.
    pub manifest: Sha256Hex,
    /// The channel by which it was asked for, where it was.
    pub channel: Option<ChannelName>,
}

impl Step<Context> for Resolve {
    fn name(&self) -> &'static str {
        "resolve"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let request: ProvisionRequest = rec.input()?;
        let admission = admission(ctx, &request.golden).await.map_err(|error| StepError::from_error(&error))?;
        // Before anything is restored: whoever shows an older channel after a crash must be found out.
        ctx.ledger.witness(&admission.witnessed).await.map_err(|error| StepError::from_error(&error))?;
        tell_its_end(&admission);
        let sha256 = admission.shelved.manifest.archive.sha256.clone();
        let golden = examined(ctx, admission, request.size, &request.volumes).await?;
        let set = ForbiddenSet { golden: golden.title.clone(), identities: golden.forbidden.clone() };
        ctx.ledger.forbid(&sha256, &set).await.map_err(|error| StepError::from_error(&error))?;
        output(&golden)
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // The golden's values stay forbidden: they were true before this run and are true after it.
        Ok(())
    }
}

/// Holds what was admitted against what the node has. Nothing is written.
///
/// # Errors
/// It must not be restored, or the node cannot tell.
pub(crate) async fn examined(
    ctx: &Context,
    admission: Admission,
    size: DiskSize,
    volumes: &Volumes,
) -> Result<Golden, StepError> {
    let Admission { shelved, channel, .. } = admission;
    let seen = shelved.clone();
    let beside = blocking(move || {
        check_beside(&seen.path, &seen.manifest.archive).map_err(|error| StepError::from_error(&error))
    })
    .await?;
    let release = Release { manifest: shelved.sha256, channel, golden: shelved.manifest.golden.clone() };
    let manifest = shelved.manifest;
    let archive: Volid = manifest.archive.volid.parse().map_err(|error| StepError::from_error(&error))?;
    let (seen, nodes) = carried(ctx, &archive, &manifest, volumes).await?;
    must_hold(&manifest.config, size)?;
    let memory = memory_of(&manifest.config);
    let carriers = ctx.is_cluster().then_some(Carriers { nodes, memory });
    let checked = beside.unwrap_or(seen.listed);
    Ok(Golden { carriers, ..golden(&manifest, release, archive, checked, &seen.admitted) })
}

/// An archive as a node has it.
struct Carried {
    listed: ArchiveCheck,
    admitted: Admitted,
}

/// The archive as the first node has it that has it as it should be, and all nodes that do: two storages of one name
/// may hold different archives of one name.
async fn carried(
    ctx: &Context,
    archive: &Volid,
    manifest: &Manifest,
    volumes: &Volumes,
) -> Result<(Carried, Vec<NodeName>), StepError> {
    if !ctx.is_cluster() {
        return Ok((carried_by(ctx, archive, manifest, volumes).await?, Vec::new()));
    }
    let (mut first, mut nodes, mut refusals) = (None, Vec::new(), Vec::new());
    for there in ctx.everywhere() {
        let node = there.pve.node().clone();
        match carried_by(&there, archive, manifest, volumes).await {
            Ok(carried) => {
                first.get_or_insert(carried);
                nodes.push(node);
            }
            Err(error) => refusals.push(format!("{node}: {error}")),
        }
    }
    let nobody = || StepError::failed(format!("no node can make guests of {archive}: {}", refusals.join("; ")));
    first.map(|first| (first, nodes)).ok_or_else(nobody)
}

async fn carried_by(
    ctx: &Context,
    archive: &Volid,
    manifest: &Manifest,
    volumes: &Volumes,
) -> Result<Carried, StepError> {
    may(ctx, archive, volumes).await?;
    let listed = listed_size(&ctx.pve, archive, manifest).await?;
    let admitted = admitted(&ctx.pve, archive, manifest).await?;
    Ok(Carried { listed, admitted })
}

/// Proxmox's own default.
const MEMORY_MIB: u64 = 512;

fn memory_of(config: &str) -> u64 {
    let asked = PctConf::parse(config).get("memory").and_then(|text| text.parse().ok());
    asked.unwrap_or(MEMORY_MIB) << 20
}

fn tell_its_end(admission: &Admission) {
    if let Some(end) = admission.ends_soon {
        let golden = &admission.witnessed.golden;
        tracing::warn!(%golden, %end, "the golden reaches its end of life soon: no guest is made of it from then on");
    }
}

/// A privilege that is missing is named before anything is made.
async fn may(ctx: &Context, archive: &Volid, volumes: &Volumes) -> Result<(), StepError> {
    let disks = volumes.storages(&ctx.settings.guests.storage);
    match preflight(&ctx.settings, &ctx.pve, archive, &disks).await {
        Ok(None) => Ok(()),
        Ok(Some(why)) => Err(StepError::failed(why)),
        Err(error) => Err(StepError::from_error(&error)),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StepError> + Send + 'static,
) -> Result<T, StepError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(StepError::from_error(&error)))
}

/// The node must list the archive, with the manifest's size.
async fn listed_size(pve: &Client, archive: &Volid, manifest: &Manifest) -> Result<ArchiveCheck, StepError> {
    let rows = pve.archives(&archive.storage).await.map_err(|error| StepError::from_error(&error))?;
    let wanted = archive.to_string();
    let row = rows.into_iter().find(|row| row.volid == wanted).ok_or_else(|| {
        StepError::failed(format!(
            "the node does not list the archive {wanted}: it is gone, or the token lacks VM.Backup on the golden's VMID"
        ))
    })?;
    check_size(&wanted, row.size, &manifest.archive).map_err(|error| StepError::from_error(&error))?;
    Ok(ArchiveCheck::SizeOnly)
}

/// The configuration inside the archive: the manifest's to the letter, and fit for a customer.
async fn admitted(pve: &Client, archive: &Volid, manifest: &Manifest) -> Result<Admitted, StepError> {
    let text = pve.archived_config(archive).await.map_err(|error| StepError::from_error(&error))?;
    if text.trim_end() != manifest.config.trim_end() {
        return Err(StepError::failed(format!(
            "the configuration inside {archive} is not the one in its manifest: the archive was changed after its release"
        )));
    }
    admit(&text).map_err(|error| StepError::from_error(&error))
}

/// A disk below the golden's would be found too small half-way through its unpacking; and nothing ever shrinks one.
fn must_hold(config: &str, asked: DiskSize) -> Result<(), StepError> {
    let rootfs = PctConf::parse(config).rootfs().map_err(|error| StepError::from_error(&error))?;
    match rootfs.and_then(|rootfs| rootfs.size()) {
        Some(golden) if asked < golden => Err(StepError::failed(format!(
            "a root disk of {asked} is smaller than the golden's ({golden}): ask for {golden} or more"
        ))),
        _ => Ok(()),
    }
}

fn golden(manifest: &Manifest, release: Release, archive: Volid, checked: ArchiveCheck, admitted: &Admitted) -> Golden {
    Golden {
        release: Some(release),
        title: format!("{} {}", manifest.golden, manifest.release),
        archive,
        checked,
        nics: admitted.nics.iter().map(|(key, net)| (key.clone(), net.to_string())).collect(),
        features: admitted.features.to_string(),
        forbidden: manifest.forbidden.union(&admitted.identities).cloned().collect(),
        carriers: None,
    }
}
